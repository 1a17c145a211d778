import json, subprocess, sys
import optuna

stheno = sys.argv[1:] or ["stheno"]  # or: go run ./cmd/stheno
study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=1),
                            pruner=optuna.pruners.MedianPruner(n_startup_trials=3))
for _ in range(8):
    trial = study.ask()
    rate = trial.suggest_float("learning-rate", 0.001, 1, log=True)
    width = trial.suggest_int("hidden", 8, 64, log=True)
    options = f"--learning-rate {rate} --hidden {width} --validation 0.2 --train-samples 500 --epochs 4"
    command = [*stheno, "run", "relu", *options.split(), "--quiet", "--log", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        epochs = (json.loads(line) for line in run.stdout)
        for epoch in (e for e in epochs if "validation_accuracy" in e):  # the last line is the result
            trial.report(epoch["validation_accuracy"], epoch["epoch"])
            if trial.should_prune():
                run.terminate()  # it could still be taken up again: stheno run --resume
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, epoch["validation_accuracy"])
pruned = study.get_trials(states=[optuna.trial.TrialState.PRUNED])
print("best:", study.best_params, study.best_value, f"({len(pruned)} pruned)")
