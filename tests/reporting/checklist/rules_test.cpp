/// Each pitfall in code that has it, and in code that only looks like it.
#include "reporting/checklist/rules.hpp"
#include "reporting/checklist/source_scan.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace fa::reporting;
using fa::testing::ScratchFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

/// "pitfall@line" of everything found in one module.
std::vector<std::string> found(const std::string& code)
{
    const ScratchFolder folder;
    folder.write("code/module.py", code);
    std::vector<std::string> places;
    for (const auto& finding : scan_source(folder / "code").findings) {
        places.push_back(std::to_string(finding.pitfall) + "@" + std::to_string(finding.line));
    }
    return places;
}

class HasPitfall : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};
TEST_P(HasPitfall, IsFoundAtItsLine)
{
    EXPECT_THAT(found(GetParam().second), ElementsAre(GetParam().first));
}
INSTANTIATE_TEST_SUITE_P(Norms, HasPitfall,
                         ::testing::Values(std::pair{"1@1", "x = g.norm(-1)"},
                                           std::pair{"1@1", "x = g.norm( - 1 )"},
                                           std::pair{"1@2", "import torch\nx = torch.norm(g, -1)"},
                                           std::pair{"1@1", "x = g.flatten(1).norm(-1, keepdim=True)"},
                                           std::pair{"1@3", "x = g \\\n    .flatten(1) \\\n    .norm(-1)"},
                                           std::pair{"1@3", "x = (\n  g\n  .norm(\n-1)\n)"},
                                           std::pair{"1@1", "u = F.normalize(g, -1)"},
                                           std::pair{"1@1", "u = torch.Tensor.norm(g, -1)"},
                                           std::pair{"1@2", "from torch.linalg import norm as n2\nn2(g, -1)"},
                                           std::pair{"1@1", "print(f\"|g| = {g.norm(-1):.3f}\")"},
                                           std::pair{"1@1", "x = np.linalg.norm(g, -1.0)"},
                                           std::pair{"1@2", "s = '''\n'''; x = g.norm((-1))"}));
INSTANTIATE_TEST_SUITE_P(
    Cosines, HasPitfall,
    ::testing::Values(
        std::pair{"2@1", "c = F.cosine_similarity(a, g, dim=-1)"},
        std::pair{"2@1", "c = torch.nn.functional.cosine_similarity(a, g)"},
        std::pair{"2@1", "c = F.cosine_similarity(a, g, eps=1e-8)"},
        std::pair{"2@1", "c = F.cosine_similarity(a, g, -1, 1e-6)"},
        std::pair{"2@1", "c = F.cosine_similarity(a, g, eps=torch.finfo(g.dtype).eps)"},
        std::pair{"2@1", "cos = nn.CosineSimilarity(dim=1)"},
        std::pair{"2@2", "import torch.nn.functional as tnf\nc = tnf.cosine_similarity(a, g)"},
        std::pair{"2@2", "from torch.nn.functional import cosine_similarity as cs\nc = cs(a, g)"},
        std::pair{"2@4",
                  "def a(g):\n  assert g.norm() > 1e-8\ndef b(g):\n  return F.cosine_similarity(g, g)"}));
INSTANTIATE_TEST_SUITE_P(
    Precision, HasPitfall,
    ::testing::Values(
        std::pair{"3@2", "def gamma_of(a, g):\n    g = g.half()\n    return cosine(a, g)"},
        std::pair{"3@2", "def f():\n  with torch.autocast('cuda'):\n    x = compute_gamma(net)"},
        std::pair{"3@1", "@autocast()\ndef f(a, g):\n  gamma = (a * g).sum(-1) / n\n"},
        std::pair{"3@2", "def f(a, g):\n  g = g.to(torch.bfloat16)\n  gammas[l] = (a * g).sum() / n"},
        std::pair{"3@3", "from torch import float16\ndef f(a, g):\n  g = g.to(float16); gamma = a @ g / n"},
        std::pair{"3@2", "def f(a, g):\n  if big: g = g.half()\n  self.gamma = a @ g / n"},
        std::pair{
            "3@2",
            "def f(a, g):\n  g = g.half()\n  return (a * g).sum(-1) / (a.norm(dim=-1) * g.norm(dim=-1))"}));
INSTANTIATE_TEST_SUITE_P(
    Feedback, HasPitfall,
    ::testing::Values(
        std::pair{"4@1", "Bs = [torch.randn(d, C) for _ in range(L)]\ntorch.save(model.state_dict(), p)"},
        std::pair{"4@3", "class Net:\n  def __init__(self):\n    self.B = torch.randn(3, 4)"},
        std::pair{"4@2", "Bs = []\nBs.append(torch.randn(3, 4) / 3**0.5)"},
        std::pair{"4@1", "self.feedback_weights[l] = torch.empty(3, 4).normal_()"},
        std::pair{"4@1", "self.register_buffer('B', torch.randn(3, 4), persistent=False)"},
        std::pair{"4@1", "B_0: torch.Tensor = np.random.randn(3, 4)"},
        std::pair{"4@2", "B = torch.empty(3, 4)\ntorch.nn.init.orthogonal_(B)"},
        std::pair{"4@2", "self.B = torch.empty(3, 4)\nself.B.uniform_(-1, 1)"}));

class OnlyLooksLikeIt : public ::testing::TestWithParam<const char*> {};
TEST_P(OnlyLooksLikeIt, IsNotFound)
{
    EXPECT_THAT(found(GetParam()), IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(
    Norms, OnlyLooksLikeIt,
    ::testing::Values("x = g.norm(dim=-1)", "x = g.norm(2, -1)", "x = g.norm(p=2, dim=-1)", "x = g.norm()",
                      "x = g.norm(p=-1)", "# x = g.norm(-1)", "s = 'g.norm(-1)'",
                      "\"\"\"\nUse g.norm(dim=-1), not g.norm(-1).\n\"\"\"",
                      "s = f'{x} g.norm(-1) {{g.norm(-1)}}'", "x = torch.norm(g, dim=-1)",
                      "x = torch.norm(g, 2, -1)", "x = F.normalize(g, dim=-1)",
                      "def norm(x, axis):\n  return x\ny = norm(g, -1)", "x = self.layer_norm(-1)",
                      "x = g.norm(*args)", "x = g.norm(1)", "x = g.norm(p - 1)", "x = np.linalg.norm(-1)",
                      "def norm(self, p=-1): pass"));
INSTANTIATE_TEST_SUITE_P(
    Cosines, OnlyLooksLikeIt,
    ::testing::Values(
        "c = F.cosine_similarity(a, g, dim=-1, eps=1e-30)", "c = F.cosine_similarity(a, g, -1, 1e-30)",
        "c = F.cosine_similarity(a, g, eps=EPS)", "cos = nn.CosineSimilarity(1, 1e-30)",
        "def f(a, g):\n  assert (g.norm(dim=-1) > 1e-6).all()\n  return F.cosine_similarity(a, g)",
        "def f(a, g):\n  if g.norm(dim=-1).min() < 1e-6:\n    raise ValueError\n  return "
        "F.cosine_similarity(a, g)",
        "from sklearn.metrics.pairwise import cosine_similarity\nc = cosine_similarity(a, g)",
        "def cosine_similarity(a, g):\n  return (a @ g) / n\nc = cosine_similarity(a, g)",
        "c = metrics.cosine_similarity(a, g)", "# F.cosine_similarity(a, g)",
        "c = F.cosine_similarity(a, g, eps=torch.finfo(g.dtype).tiny)"));
INSTANTIATE_TEST_SUITE_P(
    Precision, OnlyLooksLikeIt,
    ::testing::Values("def train(x):\n  with autocast():\n    loss = net(x)\n",
                      "half = n // 2\ngamma = (a @ g) / n",
                      "def f(a, g):\n  with autocast(enabled=False):\n    gamma = (a @ g) / n",
                      "def f(a, g):\n  if g.dtype in (torch.float16, torch.bfloat16):\n    g = g.float()\n  "
                      "gamma = a @ g / n",
                      "def f(a, g):\n  with autocast(False):\n    gamma = (a @ g) / n",
                      "def f(a, g):\n  assert g.dtype != torch.float16\n  gamma = a @ g / n",
                      "def make(opt):\n  model.half()\n  return StepLR(opt, gamma=0.1)",
                      "def f(a, g):\n  gamma = a @ g / n\ndef train(x):\n  x = x.half()",
                      "def growth(h, k):\n  h = h.half()\n  return h.norm(dim=-1) / k.norm(dim=-1)",
                      "def scaled(h, k):\n  h = h.half()\n  return h / h.norm(dim=-1) * 2",
                      "class N:\n  def __init__(self):\n    self.gamma = torch.ones(3)\n    self.half()"));
INSTANTIATE_TEST_SUITE_P(
    Feedback, OnlyLooksLikeIt,
    ::testing::Values("Bs = [torch.randn(d, C)]\ntorch.save({'model': m.state_dict(), 'Bs': Bs}, p)",
                      "Bs = [torch.randn(d, C)]\nstate = {'Bs': Bs}\ntorch.save(state, p)",
                      "Bs = [torch.randn(d, C)]\nstate['feedback'] = Bs\ntorch.save(state, p)",
                      "self.register_buffer('B', torch.randn(3, 4))",
                      "B = torch.randn(3, 4)\nself.register_buffer('B', B)",
                      "self.B = nn.Parameter(torch.randn(3, 4), requires_grad=False)", "B, T = x.shape",
                      "B = x.shape[0]", "Bs = [torch.randn(d, C, generator=g)]",
                      "fresh_Bs = [torch.randn(d, C)]", "weights = torch.randn(3, 4)",
                      "fa_export.export_safetensors(model, p, feedback=Bs)\nBs = [torch.randn(3, 4)]",
                      "Batch = torch.randn(3, 4)", "# Bs = torch.randn(3, 4)", "B = torch.randint(3, (4,))",
                      "self.B = nn.Parameter(torch.empty(3, 4))\nnn.init.normal_(self.B)",
                      "self.register_buffer('B', torch.empty(3, 4))\nself.B.normal_()"));

TEST(SourceScan, FindsAMatrixSavedInAnotherFile)
{
    const ScratchFolder folder;
    folder.write("code/train.py", "Bs = [torch.randn(3, 4)]\n");
    EXPECT_EQ(scan_source(folder / "code").findings.size(), 1U);
    folder.write("code/io/save.py", "def save(model, Bs):\n    np.savez('b.npz', *Bs)\n");
    EXPECT_THAT(scan_source(folder / "code").findings, IsEmpty());
}

TEST(SourceScan, NamesTheCellAndTheLineOfANotebook)
{
    const ScratchFolder folder;
    folder.write("code/a.ipynb", R"json({"cells": [
        {"cell_type": "markdown", "source": ["g.norm(-1)"]},
        {"cell_type": "code", "source": ["import torch.nn.functional as fn\n", "%matplotlib inline's\n", "x = 1\n",
                                         "g.norm(-1)\n"]},
        {"cell_type": "code", "source": "!pip install it's\nc = fn.cosine_similarity(a, g)"},
        {"cell_type": "code", "source": "%%bash\ng.norm(-1)"}]})json");
    const auto scan = scan_source(folder / "code");
    ASSERT_EQ(scan.findings.size(), 2U);
    EXPECT_THAT(scan.findings[0].where, HasSubstr("a.ipynb: cell 2"));
    EXPECT_EQ(scan.findings[0].line, 4U);
    EXPECT_THAT(scan.findings[1].where, HasSubstr("a.ipynb: cell 3"));
    EXPECT_EQ(scan.findings[1].line, 2U);
}

TEST(SourceScan, SaysWhatItDidNotLookThrough)
{
    const ScratchFolder folder;
    folder.write("code/huge.py", std::string((5U << 20U), '#'));
    folder.write("code/utf16.py", std::string("g\0.\0n\0", 6));
    folder.write("code/broken.ipynb", "{\"cells\": [");
    folder.write("code/deep.ipynb", std::string(100'000, '['));
    folder.write("code/bad.py", "\xff\xfe = g.norm(-1)");
    std::filesystem::create_directory_symlink(folder / "code", folder / "code/loop");
    std::filesystem::create_symlink(folder / "code/me.py", folder / "code/me.py");
    const auto scan = scan_source(folder / "code");
    EXPECT_EQ(scan.passed_over.size(), 5U);
    EXPECT_EQ(scan.files, 1U);
    EXPECT_EQ(scan.findings.size(), 1U);
}

TEST(SourceScan, LeavesOutEnvironmentsAndHiddenFolders)
{
    const ScratchFolder folder;
    folder.write("code/.git/a.py", "g.norm(-1)");
    folder.write("code/env/pyvenv.cfg", "");
    folder.write("code/env/lib/a.py", "g.norm(-1)");
    folder.write("code/__pycache__/a.py", "g.norm(-1)");
    EXPECT_EQ(scan_source(folder / "code").files, 0U);
}

TEST(SourceScan, RefusesAFolderThatIsNotThere)
{
    EXPECT_THROW(scan_source("/nowhere/at/all"), std::invalid_argument);
}

/// Megabytes that would take hours if anything grew with the square of their length.
class Hostile : public ::testing::TestWithParam<const char*> {};
TEST_P(Hostile, TakesSeconds)
{
    std::string code;
    while (code.size() < (3U << 20U)) {
        code += GetParam();
    }
    const auto begin = std::chrono::steady_clock::now();
    found(code);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}
INSTANTIATE_TEST_SUITE_P(Patterns, Hostile,
                         ::testing::Values("(", "[{(", ")", "f'{", "f'{{", "f\"{f'{", "save(", "g.norm(",
                                           "a.", "B=", "B=torch.randn(", "def f():\n",
                                           " def f():\n  F.cosine_similarity(a)\n", "'''", "\\\n", "\\", "{'",
                                           "x,", "gamma.half().cosine(", "import a as b\n",
                                           "from a import (b, ", "\xff", "\t", "@a\n",
                                           "B0.append(Bs.append("));

} // namespace
