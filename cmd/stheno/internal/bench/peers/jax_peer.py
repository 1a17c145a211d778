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
    f = jax.nn.relu if regime["net"] else {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "tanh": jnp.tanh}[regime["activation"]]
    params = []

    def dense(fan_in, fan_out):
        limit = (6 / (fan_in + fan_out)) ** 0.5
        return jnp.asarray(draw.uniform(-limit, limit, (fan_in, fan_out)), jnp.float32), jnp.zeros(fan_out, jnp.float32)

    for fan_in, fan_out in [] if regime["net"] else widths(regime, x):
        params.append(dense(fan_in, fan_out))
    def kernel(*shape):
        limit = (6 / (shape[0] * shape[1] * (shape[2] + shape[3]))) ** 0.5
        return jnp.asarray(draw.uniform(-limit, limit, shape), jnp.float32), jnp.zeros(shape[3], jnp.float32)

    def convolved(h, layer, padding="VALID"):
        return lax.conv_general_dilated(h, layer[0], (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")) + layer[1]

    def pooled(h, first, add):
        return lax.reduce_window(h, first, add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    if regime["net"] and regime["regime"] not in ("batchnorm", "embedding", "lenet", "convnet"):
        raise NotImplementedError(f"it has no network of the regime {regime['regime']}")
    if regime["regime"] == "lenet":
        params = [kernel(5, 5, 1, 6), kernel(5, 5, 6, 16), dense(400, 120), dense(120, 84), dense(84, 10)]
    if regime["regime"] == "convnet":
        params, drop = [kernel(3, 3, 1, 32), kernel(3, 3, 32, 64), dense(1600, 10)], 0.5
    if regime["regime"] == "embedding":
        params = [jnp.asarray(draw.uniform(-0.05, 0.05, (10000, 64)), jnp.float32), dense(64, 10)]
    if regime["regime"] == "batchnorm":
        params = [(*dense(n, 633), jnp.ones(633), jnp.zeros(633)) for n in (784, 633, 633)] + [dense(633, 10)]

    def logits(params, h, key):
        if regime["regime"] == "lenet":
            h = h.reshape(-1, 28, 28, 1)
            for layer, padding in zip(params, ("SAME", "VALID")):
                h = pooled(jnp.tanh(convolved(h, layer, padding)), 0.0, lax.add) / 4
            h = h.reshape(len(h), -1)
            for w, b in params[2:-1]:
                h = jnp.tanh(h @ w + b)
            return h @ params[-1][0] + params[-1][1]
        if regime["regime"] == "convnet":
            h = h.reshape(-1, 28, 28, 1)
            for layer in params[:-1]:
                h = pooled(f(convolved(h, layer)), -jnp.inf, lax.max)
            h = h.reshape(len(h), -1)
            if key is not None:
                h = jnp.where(jax.random.bernoulli(key, 1 - drop, h.shape), h / (1 - drop), 0)
            return h @ params[-1][0] + params[-1][1]
        if regime["regime"] == "embedding":
            table, (w, b) = params
            return table[h].mean(1) @ w + b
        if regime["regime"] == "batchnorm":  # in training; its moving moments, which no output needs, are left out
            for w, b, scale, shift in params[:-1]:
                h = h @ w + b
                h = f((h - h.mean(0)) * jax.lax.rsqrt(h.var(0) + 1e-3) * scale + shift)
            return h @ params[-1][0] + params[-1][1]
        for w, b in params[:-1]:
            h = f(h @ w + b)
            if drop and key is not None:
                key, own = jax.random.split(key)
                h = jnp.where(jax.random.bernoulli(own, 1 - drop, h.shape), h / (1 - drop), 0)
        w, b = params[-1]
        return h @ w + b

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
            if drop:
                key, own = jax.random.split(key)
            state = step(state, x[rows], y[rows], own)
        jax.block_until_ready(state)

    return epoch


main(load)
