"""Twenty steps of Keras' Lion, and of SGD with Keras' decoupled decay, averages and clipping, for TestAgainstKeras, on the weights and gradients of golden.json.

Run with Keras 3.15 on JAX 0.10 in this folder: JAX_ENABLE_X64=1 KERAS_BACKEND=jax python3 golden_keras.py > keras.json
"""
import json

import keras
import numpy as np

golden = json.load(open("golden.json"))
keras.config.set_floatx("float64")
O = keras.optimizers
cases = {
    "lion": lambda: O.Lion(1e-4),
    "lion other": lambda: O.Lion(0.02, beta_1=0.8, beta_2=0.95),
    "lion decay": lambda: O.Lion(0.02, weight_decay=0.3),
    "sgd decay": lambda: O.SGD(0.1, weight_decay=0.3),
    "sgd matrices": lambda: O.SGD(0.1, weight_decay=0.3),
    "nesterov decay": lambda: O.SGD(0.01, momentum=0.9, nesterov=True, weight_decay=0.3),
    "rmsprop decay": lambda: O.RMSprop(0.02, rho=0.6, epsilon=0, weight_decay=0.3),
    "clip norm": lambda: O.SGD(0.1, global_clipnorm=5),
    "ema": lambda: O.SGD(0.1, use_ema=True, ema_momentum=0.8),
}
steps = {}
for name, make in cases.items():
    variables = [keras.Variable(np.array(w, "float64").reshape(s), dtype="float64", name=n.replace(".", "_")) for w, s, n in zip(golden["start"], golden["shapes"], golden["names"])]
    optimizer = make()
    if name == "sgd matrices":
        optimizer.exclude_from_weight_decay(var_list=[variables[1]])
    optimizer.build(variables)
    steps[name] = []
    for i, step in enumerate(golden["gradients"]):
        optimizer.apply([np.array(g, "float64").reshape(s) for g, s in zip(step, golden["shapes"])], variables)
        kept = optimizer._model_variables_moving_average if name == "ema" else variables
        if i + 1 in golden["kept"]:
            steps[name].append([np.array(v).flatten().tolist() for v in kept])
print(json.dumps(json.loads(json.dumps({"keras": keras.__version__, "steps": steps}), parse_float=lambda s: float("%.12g" % float(s))), separators=(",", ":")))
