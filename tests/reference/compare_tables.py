"""DIR/tables/*.csv against the reference's rows."""
import numpy as np

from compare import compare_row, number, read_csv
from tables import layer_rows, run_row, spread_rows, strategy_rows

# z divides by a small standard deviation; p moves by whole draws; a ratio divides by a small Γ.
TOLERANCES = {"z": (2e-3, 2e-3), "ratio": (0.0, 0.05), "h_norm": (0, 1e-5), "g_norm": (0, 1e-5),
              "growth_max": (0, 2e-5), "growth_end_to_end": (0, 2e-5), "g_norm_last": (0, 1e-5)}


def tolerances(draws):
    step = 1.01 / (1 + draws)
    return TOLERANCES | {"p": (step, 0), "p_max_layer": (step, 0)}


def compare_tables(report, folder, cases, reference):
    tables = {name: read_csv(folder / f"{name}.csv") for name in ("runs", "layers", "strategies", "spread", "groups")}
    strategies = {}
    for case in cases:
        data = reference[case.name]
        rows = {name: [row for row in table if row.get("run") == case.name] for name, table in tables.items()}
        limits = tolerances(len(data["gamma/fresh"]) if "gamma/fresh" in data else 0)
        compare_rows(report, f"{case.name} layers.csv", rows["layers"], layer_rows(data), "layer", limits)
        if "gamma/fresh" in data or "gamma/train" in data:
            strategies[case.name] = strategy_rows(data, case.batches)
            compare_rows(report, f"{case.name} strategies.csv", rows["strategies"], strategies[case.name], "strategy", limits)
            compare_spread(report, case.name, rows["spread"], spread_rows(strategies[case.name]), limits)
        compare_run(report, case, rows["runs"], run_row(data, control_of(case, reference)), limits)
    compare_groups(report, tables["groups"], [case for case in cases if case.group == "healthy"], strategies)


def control_of(case, reference):
    if case.control == "none":
        return None
    return reference[case.control]["accuracy/correct"] if case.control in reference else float(case.control)


def compare_rows(report, where, stored, wanted, key, limits):
    report.check([row[key] for row in stored] == [str(row[key]) for row in wanted],
                 f"{where}: rows {[row[key] for row in stored]}, not {[row[key] for row in wanted]}")
    by_key = {row[key]: row for row in stored}
    for row in wanted:
        if str(row[key]) in by_key:
            numbers = {column: value for column, value in row.items() if column != key}
            compare_row(report, f"{where} {row[key]}", by_key[str(row[key])], numbers, limits)


def compare_spread(report, name, stored, wanted, limits):
    by_source = {row["source"]: row for row in stored}
    for row in wanted:
        where = f"{name} spread.csv {row['source']}"
        report.check(row["source"] in by_source, f"{where}: no row")
        near_zero = row["min"] * row["max"] > 0 and min(abs(row["min"]), abs(row["max"])) < 1e-4
        columns = ("min", "max") if near_zero else ("min", "max", "ratio", "sign_flips")
        compare_row(report, where, by_source.get(row["source"], {}), {c: row[c] for c in columns}, limits)


def compare_run(report, case, stored, wanted, limits):
    where = f"{case.name} runs.csv"
    report.check(len(stored) == 1, f"{where}: {len(stored)} rows")
    if len(stored) != 1:
        return
    row = stored[0]
    fired = [word for word in row["fired"].split(";") if word]
    report.check(fired == wanted["fired"], f"{where}: fired {fired}, not {wanted['fired']}")
    trustworthy = row["verdict"] == "trustworthy"
    report.check(trustworthy == (not wanted["fired"]) and (trustworthy or row["verdict"].startswith("needs walk-back: ")),
                 f"{where}: verdict {row['verdict']!r}, fired {wanted['fired']}")
    for column in ("marginal", "not_run"):
        letters = {word.strip()[:1] for word in row[column].split(";") if word.strip()}
        report.check(letters == wanted[column], f"{where}: {column} {row[column]!r}, not {wanted[column]}")
    numbers = {column: value for column, value in wanted.items() if not isinstance(value, (list, set))}
    if case.name == "nan":  # how a growth over undefined norms is printed is the table's affair
        numbers = {"accuracy": numbers["accuracy"]}
    compare_row(report, where, row, numbers, limits)


def compare_groups(report, stored, cases, strategies):
    """Means and stds over the seeds of one group: of Γ_train and of each run's fresh mean."""
    rows = {row["strategy"]: row for row in stored if row["group"] == "healthy"}
    report.check(len(rows) == 14, f"groups.csv: {len(rows)} strategies of group healthy")
    for number_, first in enumerate(strategies[cases[0].name]):
        text = first["strategy"]
        train = np.array([strategies[case.name][number_]["gamma_train"] for case in cases])
        fresh = np.array([strategies[case.name][number_]["fresh_mean"] for case in cases])
        compare_row(report, f"groups.csv {text}", rows.get(text, {}), {
            "n": len(cases), "train_mean": train.mean(), "train_std": train.std(ddof=1),
            "fresh_mean": fresh.mean(), "fresh_std": fresh.std(ddof=1)}, {})
    report.check(all(number(row["n"]) == 2 for row in rows.values()), "groups.csv: n is not 2")
