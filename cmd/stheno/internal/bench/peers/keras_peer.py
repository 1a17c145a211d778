"""Keras 3 on JAX, by its own training loop, timed from the beginning of the epoch to its end."""
import os
import time

os.environ["KERAS_BACKEND"] = "jax"
from peer import main


def load(threads):
    import keras

    return f"Keras {keras.__version__} on JAX", build


# The networks that are no multilayer perceptrons, by their regimes' names, without the last layer.
NETS = {
    "batchnorm": lambda L: [l for _ in range(3) for l in (L.Dense(633), L.BatchNormalization(), L.Activation("relu"))],
    "lenet": lambda L: [L.Reshape((28, 28, 1)), L.Conv2D(6, 5, padding="same", activation="tanh"), L.AveragePooling2D(2), L.Conv2D(16, 5, activation="tanh"), L.AveragePooling2D(2),
                        L.Flatten(), L.Dense(120, activation="tanh"), L.Dense(84, activation="tanh")],
    "convnet": lambda L: [L.Reshape((28, 28, 1)), L.Conv2D(32, 3, activation="relu"), L.MaxPooling2D(2), L.Conv2D(64, 3, activation="relu"), L.MaxPooling2D(2), L.Flatten(), L.Dropout(0.5)],
    "embedding": lambda L: [L.Embedding(10000, 64), L.GlobalAveragePooling1D()],
    "lstm": lambda L: [L.Reshape((28, 28)), L.LSTM(128)],
    "gru": lambda L: [L.Reshape((28, 28)), L.GRU(128)],
    "transformer": lambda L: [L.Reshape((28, 28)), transformer(), L.GlobalAveragePooling1D()],
}


def transformer():
    """Two encoder blocks over the rows."""
    import keras

    L = keras.layers
    rows = keras.Input((28, 28))
    h = L.Dense(64)(rows)
    h = h + L.Embedding(28, 64)(keras.ops.arange(28))
    for _ in range(2):
        n = L.LayerNormalization(epsilon=1e-5)(h)
        h = h + L.MultiHeadAttention(4, 16)(n, n)
        n = L.LayerNormalization(epsilon=1e-5)(h)
        h = h + L.Dense(64)(L.Dense(128, activation="gelu")(n))
    return keras.Model(rows, h)


def build(regime, x, y):
    import keras

    layers = [keras.Input((x.shape[1],), dtype=str(x.dtype))]
    if regime["net"]:
        layers += NETS[regime["regime"]](keras.layers)
    for units in [] if regime["net"] else regime["hidden"]:
        layers.append(keras.layers.Dense(units, activation=regime["activation"]))
        if regime["dropout"]:
            layers.append(keras.layers.Dropout(regime["dropout"]))
    model = keras.Sequential([*layers, keras.layers.Dense(regime["classes"], activation="softmax")])
    rate = regime["learning_rate"]
    optimizer = keras.optimizers.Adam(rate or 1e-3) if regime["optimizer"] == "adam" else keras.optimizers.SGD(rate or 1e-2)
    model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds = time.perf_counter() - self.start

        def on_predict_begin(self, logs=None):
            self.start = time.perf_counter()

        def on_predict_end(self, logs=None):
            self.seconds = time.perf_counter() - self.start

    clock = Clock()

    def epoch():
        if regime["predict"]:
            model.predict(x, batch_size=regime["batch"], verbose=0, callbacks=[clock])
        else:
            model.fit(x, y, batch_size=regime["batch"], verbose=0, callbacks=[clock])
        return clock.seconds

    return epoch


main(load)
