"""Keras 3 on JAX, by its own training loop, timed from the beginning of the epoch to its end."""
import os
import time

os.environ["KERAS_BACKEND"] = "jax"
from peer import main


def load(threads):
    import keras

    return f"Keras {keras.__version__} on JAX", build


def perceptron(regime, x):
    import keras

    layers = [keras.Input((x.shape[1],))]
    for units in regime["hidden"]:
        layers.append(keras.layers.Dense(units, activation=regime["activation"]))
        if regime["dropout"]:
            layers.append(keras.layers.Dropout(regime["dropout"]))
    return keras.Sequential([*layers, keras.layers.Dense(regime["classes"], activation="softmax")])


def sequences(name):
    """A network over the 28 rows of a digit."""
    import keras

    L = keras.layers
    inputs = keras.Input((28 * 28,))
    h = L.Reshape((28, 28))(inputs)
    if name == "lstm":
        h = L.LSTM(128)(h)
    elif name == "gru":
        h = L.GRU(128)(h)
    else:
        h = L.Dense(64)(h)
        h = h + L.Embedding(28, 64)(keras.ops.arange(28))
        for _ in range(2):
            n = L.LayerNormalization(epsilon=1e-5)(h)
            h = h + L.MultiHeadAttention(4, 16)(n, n)
            n = L.LayerNormalization(epsilon=1e-5)(h)
            h = h + L.Dense(64)(L.Dense(128, activation="gelu")(n))
        h = L.GlobalAveragePooling1D()(h)
    return keras.Model(inputs, L.Dense(10, activation="softmax")(h))


def build(regime, x, y):
    import keras

    if regime["net"]:
        model = sequences(regime["net"])
    else:
        model = perceptron(regime, x)
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
