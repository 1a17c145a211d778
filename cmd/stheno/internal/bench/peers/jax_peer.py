"""JAX: a step is one jitted function that takes over the parameters' memory."""
from peer import main, widths


def load(threads):
    import jax

    return f"JAX {jax.__version__}", build


def build(regime, x, y):
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax import lax

    draw = np.random.default_rng(1)
    rate, drop, batch = regime["learning_rate"], regime["dropout"], regime["batch"]
    f = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "tanh": jnp.tanh, "linear": None}[regime["activation"]]
    # Of each layer the kernel's shape, and for a convolution its padding, with what is done to its output.
    tanh_mean = lambda h: lax.reduce_window(jnp.tanh(h), 0.0, lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") / 4
    relu_max = lambda h: lax.reduce_window(jax.nn.relu(h), -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    plan = {
        "": [((a, b), None, f) for a, b in widths(regime, x)],
        "lenet": [((5, 5, 1, 6), "SAME", tanh_mean), ((5, 5, 6, 16), "VALID", tanh_mean), ((400, 120), None, jnp.tanh), ((120, 84), None, jnp.tanh), ((84, 10), None, None)],
        "convnet": [((3, 3, 1, 32), "VALID", relu_max), ((3, 3, 32, 64), "VALID", relu_max), ((1600, 10), None, None)],
    }[regime["network"]]
    params = []
    for shape, _, _ in plan:
        taps = int(np.prod(shape[:-2]))
        limit = (6 / (taps * (shape[-2] + shape[-1]))) ** 0.5
        params.append((jnp.asarray(draw.uniform(-limit, limit, shape), jnp.float32), jnp.zeros(shape[-1], jnp.float32)))
    drops = {"": [drop] * (len(plan) - 1), "lenet": [0] * 4, "convnet": [0, 0.5]}[regime["network"]]

    def logits(params, h, key):
        for (w, b), (_, padding, f), drop in zip(params[:-1], plan, drops):
            if padding:
                if h.ndim == 2:
                    h = h.reshape(-1, 28, 28, 1)
                h = f(lax.conv_general_dilated(h, w, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")) + b)
            else:
                h = f(h.reshape(len(h), -1) @ w + b)
            if drop and key is not None:
                key, own = jax.random.split(key)
                h = jnp.where(jax.random.bernoulli(own, 1 - drop, h.shape), h / (1 - drop), 0)
        w, b = params[-1]
        return h.reshape(len(h), -1) @ w + b

    if regime["predict"]:
        outputs = jax.jit(lambda params, h: jax.nn.softmax(logits(params, h, None)))

        def epoch():
            for at in range(0, len(x), batch):
                out = outputs(params, x[at : at + batch])
            out.block_until_ready()

        return epoch

    def loss(params, h, classes, key):
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits(params, h, key)), classes[:, None], 1))

    def sgd(state, h, classes, key):
        (params,) = state
        grads = jax.grad(loss)(params, h, classes, key)
        return (jax.tree.map(lambda w, g: w - (rate or 1e-2) * g, params, grads),)

    def adam(state, h, classes, key):
        params, first, second, t = state
        grads = jax.grad(loss)(params, h, classes, key)
        t = t + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grads)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, grads)
        size = (rate or 1e-3) * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return jax.tree.map(lambda w, m, v: w - size * m / (jnp.sqrt(v) + 1e-7), params, first, second), first, second, t

    state, rule = (params,), sgd
    if regime["optimizer"] == "adam":
        zeros = lambda: jax.tree.map(jnp.zeros_like, params)
        state, rule = (params, zeros(), zeros(), jnp.float32(0)), adam
    step = jax.jit(rule, donate_argnums=0)
    key = jax.random.key(1)

    def epoch():
        nonlocal state, key
        order = draw.permutation(len(x))
        for at in range(0, len(x), batch):
            rows = order[at : at + batch]
            own = key
            if any(drops):
                key, own = jax.random.split(key)
            state = step(state, x[rows], y[rows], own)
        jax.block_until_ready(state)

    return epoch


main(load)
