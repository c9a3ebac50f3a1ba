"""The runs that are compared: one line of a manifest each, with the checkpoint it names and what the reference needs."""
import dataclasses

import checkpoints as make
from own_credits import OWN

BATCHES, BATCH_SIZE, DRAWS = 8, 64, 21
UNEVEN = (40, 24, 33)  # widths of a plain MLP


@dataclasses.dataclass
class Case:
    name: str
    keys: str = ""
    credit: str = "dfa"
    loss: str = "cross_entropy"
    sign: int = 1
    seed: int = 1
    keep: str = "samples"
    feedback_file: str = ""
    knows_feedback: bool = True
    group: str = ""
    settings: dict = None  # of ep, as the audit should find them
    control: str = "frozen"  # the name of a run, a fraction, or none
    batches: int = BATCHES
    batch_size: int = BATCH_SIZE
    mlp: dict = None  # a plain MLP with this metadata, not a ResMLP

    def has_feedback(self):
        return self.credit not in ("none", *OWN)

    def is_chain(self):
        return self.credit in ("fa", "fa_noskip")

    def line(self, alone=False):
        """Alone in its manifest a run can't name another as its control; that is a label and changes no number."""
        control = "none" if alone else self.control
        group = f"group={self.group}" if self.group else ""
        return (f"name={self.name} checkpoint={self.name}.safetensors method={self.name} seed={self.seed} {group} "
                f"credit={self.credit} loss={self.loss} feedback_sign={self.sign} frozen={control} {self.keys}")


CASES = [
    Case("healthy", group="healthy"),
    Case("healthy2", group="healthy", seed=2),
    Case("frozen", control="none"),
    Case("exploded", control="0.5"),
    Case("confident"),
    Case("saturated"),
    Case("nan"),
    Case("unknown", keys="feedback=none", knows_feedback=False),
    Case("without", knows_feedback=False),
    Case("uncredited", credit="none"),
    Case("squared", loss="mse", sign=-1, keys="feedback_distribution=uniform"),
    Case("borrowed", keys="feedback=borrowed-feedback.safetensors feedback_distribution=rademacher",
         feedback_file="borrowed-feedback.safetensors"),
    Case("shared", keys="feedback=none feedback_shared=true", knows_feedback=False),
    Case("permuted", keys="feedback_distribution=permute"),
    Case("signed", credit="sdfa"),
    Case("labelled", credit="drtp", sign=-1),
    Case("chained", credit="fa"),
    Case("chained_noskip", credit="fa_noskip", keys="feedback_distribution=orthogonal"),
    Case("chained_null", credit="fa", keys="feedback=none", knows_feedback=False),
    Case("relaxed", credit="ep", knows_feedback=False, settings={"ep_beta": 0.3, "ep_steps": 12, "ep_step": 0.1}),
    Case("recorded", credit="ep", loss="mse", knows_feedback=False, keys="ep_steps=7",
         settings={"ep_beta": 0.02, "ep_steps": 7, "ep_step": 0.2}),
    Case("unrelaxed", credit="ep", knows_feedback=False, keys="ep_step=50 ep_beta=1",
         settings={"ep_beta": 1.0, "ep_steps": 12, "ep_step": 50.0}),
    Case("bridged", credit="sb", knows_feedback=False),
    Case("bridged_confident", credit="sb", knows_feedback=False),
    Case("bridged_mse", credit="sb", loss="mse", knows_feedback=False),
    Case("valued", credit="cb", knows_feedback=False),
    Case("uneven", mlp={"hidden_states": "post"}),
    Case("uneven_signed", credit="sdfa", mlp={"hidden_states": "pre"}),
    Case("uneven_labelled", credit="drtp", mlp={"hidden_states": "post"}),
    Case("uneven_chained", credit="fa_noskip", mlp={"hidden_states": "pre"}),
    Case("uneven_null", credit="fa_noskip", keys="feedback=none", knows_feedback=False, mlp={"hidden_states": "post"}),
    Case("uneven_aligned", credit="fa", mlp={"hidden_states": "post"}),
    Case("uneven_aligned_before", credit="fa", loss="mse", sign=-1, mlp={"hidden_states": "pre"}),
    Case("uneven_aligned_null", credit="fa", keys="feedback=none", knows_feedback=False, mlp={"hidden_states": "post"}),
    Case("uneven_relaxed", credit="ep", knows_feedback=False, mlp={"hidden_states": "post"},
         settings={"ep_beta": 0.3, "ep_steps": 12, "ep_step": 0.1}),
    Case("uneven_relaxed_before", credit="ep", loss="mse", knows_feedback=False, mlp={"hidden_states": "pre"},
         keys="ep_steps=30", settings={"ep_beta": 0.3, "ep_steps": 30, "ep_step": 0.1}),
    Case("square", keys="feedback_distribution=orthogonal batches=3 batch_size=50", batches=3, batch_size=50),
]


def write_checkpoints(folder, inputs, labels):
    """Every case's checkpoint; the recorded scale of the feedback differs from layer to layer in one of them."""
    healthy, other = make.trained(inputs, labels, 3, seed=7), make.trained(inputs, labels, 3, seed=8)
    states = {case.name: healthy for case in CASES} | {
        "healthy2": other,
        "frozen": make.trained(inputs, labels, 2, freeze=True),
        "exploded": make.exploded(healthy),
        "confident": make.with_head_times(healthy, 12),
        "saturated": make.with_head_times(healthy, 1e6),
        "nan": make.with_nan(healthy),
        "bridged_confident": make.with_head_times(healthy, 12),
    }
    for case in [case for case in CASES if case.mlp]:
        states[case.name] = make.mlp(inputs.shape[1], UNEVEN)
    for case in [case for case in CASES if case.credit in ("sb", "cb")]:
        states[case.name] = states[case.name] | make.bridge(5, case.credit)
    for number, case in enumerate(CASES):
        widths = {"widths": UNEVEN} if case.mlp else {}
        unknown = case.name in ("without", "borrowed")
        matrices = None if unknown else make.feedback(100 + number, chain=case.is_chain(), **widths)
        trained = {"credit": case.credit} if case.is_chain() and case.knows_feedback else {}
        if case.mlp:
            trained |= {"model": "mlp", "activation": "tanh"} | case.mlp
        if case.name == "recorded":
            trained = {"ep_beta": "0.02", "ep_steps": "5", "ep_step": "0.2"}
        make.save(folder / f"{case.name}.safetensors", states[case.name], matrices, method=case.name, **trained)
    make.save(folder / "borrowed-feedback.safetensors", {}, make.feedback(99, scale=0.7))
