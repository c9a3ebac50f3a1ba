"""Reading fa-report's documents back: the tables of each format as rows of texts, and what a printed number says."""
import csv
import io
import math
import re
import subprocess

# The columns that the readable tables select, by the names that JSON and CSV give them.
VERDICTS = "run seed accuracy frozen_accuracy margin_pp growth_max g_norm_last stability verdict fired marginal not_run".split()
OVERVIEW = ("run gamma_train fresh_mean fresh_std z p p_max_layer min max ratio sign_flips layer_0_share blocks_only "
            "interpretable").split()
GROUP = ("strategy n train_mean train_std train_low train_high train_t_low train_t_high fresh_mean fresh_std fresh_low "
         "fresh_high p interpretable").split()
CHOICES = ("dimension from to pairs train_effect train_std train_low train_high fresh_effect fresh_std p").split()
VARIANCE = "gamma source share share_low share_high std mean_share min max note".split()
COMPARISONS = ("group other gamma what difference std low high t_low t_high p p_smallest p_max_layer n interpretable "
               "warning").split()
LATEX = {
    "verdicts": ("runs", 0, "run accuracy frozen_accuracy margin_pp growth_max g_norm_last stability".split()),
    "reseeding": ("overview", 0, "run gamma_train fresh_mean fresh_std z p p_max_layer interpretable".split()),
    "aggregation": ("overview", 0, "run gamma_train min max ratio sign_flips layer_0_share blocks_only interpretable".split()),
    "layers": ("layers", 1, "layer h_norm g_norm stability gamma_train undefined fresh_mean fresh_std z p".split()),
    "groups-train": ("groups", 0, ("group train_n train_mean train_std train_low train_high train_t_low train_t_high p "
                                   "p_max_layer interpretable").split()),
    "groups-fresh": ("groups", 0, ("group fresh_n fresh_mean fresh_std fresh_low fresh_high fresh_t_low fresh_t_high "
                                   "interpretable").split()),
    "strategies": ("groups", 1, "strategy n train_mean train_std fresh_mean fresh_std p".split()),
    "comparisons": ("comparisons", 1, "gamma n difference std low high t_low t_high p p_smallest".split()),
    "spread": ("spread", 0, "run source min max ratio sign_flips strategies interpretable".split()),
    "choices": ("choices", 1, "dimension from to n train_effect train_std train_low train_high p".split()),
    "variance": ("variance", 1, "source share share_low share_high std".split()),
    "specification-test": ("specification_test", 0,
                           "run median median_p one_sign one_sign_p beyond beyond_p".split()),
}
PERCENT = {"layer_0_share", "share", "share_low", "share_high", "one_sign", "beyond"}


def document(report, store, form, *options, expect=(0, 3)):
    done = subprocess.run([report, store, "--format", form, *options], capture_output=True, timeout=120)
    assert done.returncode in expect, (done.returncode, done.stderr)
    return done.stdout.decode()


def printed(text):
    """(value, what rounding to the printed digits may have changed) of a number as people read it; None for none."""
    text = text.replace(" %", "").replace("−", "-").strip()
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", text):
        return None
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(text), 0.5 * 10.0 ** (int(exponent or 0) - decimals)


def significant(text):
    """The same for three significant digits, whose zeros at the end aren't printed."""
    value, _ = printed(text)
    return value, (0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - 2) if value else 0.0)


def from_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


def from_markdown(text):
    """All tables: lists of rows, the header first; cells unescaped."""
    tables, rows = [], []
    for line in text.splitlines() + [""]:
        if line.startswith("|"):
            cells = [re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if not re.fullmatch(r"[|\s:-]+", line):
                rows.append(cells)
        elif rows:
            tables.append(rows)
            rows = []
    return tables


def from_terminal(text):
    """title → rows, the header first."""
    tables = {}
    for block in text.split("\n\n"):
        lines = block.splitlines()
        if len(lines) > 2 and "  " in lines[1]:
            tables[lines[0]] = [re.split(r"  +", line.strip()) for line in lines[1:]]
    return tables


def from_latex(text):
    """label → rows of cells; headings and daggers are left out of them."""
    tables = {}
    pieces = re.split(r"\\label\{tab:fa-([a-z-]+)\}", text)
    for label, piece in zip(pieces[1::2], pieces[2::2]):
        body = piece[piece.index("\\endlastfoot" if "\\endlastfoot" in piece else "\\midrule"):]
        body = re.split(r"\\bottomrule\n\\end\{tabular\}|\\end\{longtable\}", body)[0]
        rows = []
        for line in body.splitlines():
            if line.endswith(" \\\\") and "\\multicolumn" not in line:
                cells = re.split(r"(?<!\\) & ", line.removesuffix(" \\\\"))
                rows.append([cell.replace("\\,$\\dagger$", "").replace("\\allowbreak{}", "") for cell in cells])
        tables[label] = rows
    return tables
