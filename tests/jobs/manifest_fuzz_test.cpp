/// Hostile manifests: whatever the bytes, they are read or refused with messages that name their lines.
#include "jobs/manifest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace fa::jobs {
namespace {

constexpr const char* seed_text =
    "\xef\xbb\xbf# runs\r\n"
    "default data='d e.h5' batch_size=128 batches=8 draws=200 frozen=f feedback=seed:torch:3\n"
    "name=a checkpoint=a.st method=\"B P\" seed=42 headline=0.5 feedback_sign=-1\n"
    "name=f checkpoint=f.st frozen=none note='x # y' credit=none loss=mse\n"
    "checkpoint=z/c.st feedback_distribution=permute feedback=B.st # end";

/// Words that matter to the parser, and bytes that no text has.
const std::vector<std::string> pieces = {"=",
                                         "'",
                                         "\"",
                                         "#",
                                         "\n",
                                         "\r\n",
                                         "default ",
                                         " name=",
                                         "\xff",
                                         "\xc3",
                                         "\x01",
                                         "seed:",
                                         "..",
                                         "/",
                                         "frozen=",
                                         "1e999",
                                         "-",
                                         "nan",
                                         "\t",
                                         "\xed\xa0\x80",
                                         " draws=",
                                         "99999999999999999999",
                                         "draws",
                                         "\xef\xbb\xbf",
                                         std::string(1, '\0'),
                                         std::string(70'000, 'k')};

/// One to eight edits: insert a piece, remove, double or swap a stretch, flip a bit.
std::string mutated(std::mt19937_64& random)
{
    std::string text = seed_text;
    const auto below = [&](std::size_t n) {
        return static_cast<std::size_t>(random() % std::max<std::size_t>(n, 1));
    };
    for (std::size_t edits = 1 + below(8); edits > 0; --edits) {
        const std::size_t at = below(text.size() + 1);
        const std::size_t length = std::min(below(40), text.size() - at);
        switch (below(5)) {
        case 0:
            text.insert(at, pieces[below(pieces.size())]);
            break;
        case 1:
            text.erase(at, length);
            break;
        case 2:
            text.insert(below(text.size() + 1), text.substr(at, length));
            break;
        case 3:
            std::reverse(text.begin() + static_cast<std::ptrdiff_t>(at),
                         text.begin() + static_cast<std::ptrdiff_t>(at + length));
            break;
        default:
            if (at < text.size()) {
                text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
            }
        }
    }
    return text;
}

void read_or_refuse(const std::string& text)
{
    try {
        const Manifest manifest = parse_manifest(text, "/zoo", "runs.txt", Paths::unchecked);
        EXPECT_EQ(manifest.text, text);
        for (const RunSpec& run : manifest.runs) {
            EXPECT_FALSE(run.name.empty());
            EXPECT_EQ(run.name.find('/'), std::string::npos);
            EXPECT_GE(run.draws, 0);
            EXPECT_GE(run.batches, 1);
            EXPECT_FALSE(run.checkpoint.empty());
        }
        EXPECT_FALSE(manifest.runs.empty());
    } catch (const ManifestError& error) {
        ASSERT_FALSE(error.messages.empty());
        for (const std::string& message : error.messages) {
            EXPECT_TRUE(message.starts_with("runs.txt:")) << message;
            EXPECT_LT(message.size(), 2000u);
            EXPECT_TRUE(
                std::none_of(message.begin(), message.end(), [](char c) { return c >= 0 && c < 0x20; }));
        }
    }
}

TEST(ManifestFuzz, MutatedManifestsAreReadOrRefused)
{
    std::mt19937_64 random(20240607);
    for (int i = 0; i < 20'000; ++i) {
        read_or_refuse(mutated(random));
        if (HasFatalFailure() || HasNonfatalFailure()) {
            return;
        }
    }
}

TEST(ManifestFuzz, RandomBytesAreRefused)
{
    std::mt19937_64 random(7);
    for (int i = 0; i < 2'000; ++i) {
        std::string bytes(random() % 300, '\0');
        std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
        read_or_refuse(bytes);
    }
}

TEST(ManifestFuzz, ALineOfManyMegabytesIsRead)
{
    const std::string note(20'000'000, 'n');
    const auto runs =
        parse_manifest("checkpoint=a.st data=d.h5 note=" + note, "", "runs.txt", Paths::unchecked).runs;
    EXPECT_EQ(runs.at(0).note.size(), note.size());
}

TEST(ManifestFuzz, AHundredThousandRunsAreRead)
{
    std::string text = "default data=d.h5 frozen=r0\nname=r0 checkpoint=a.st frozen=none\n";
    for (int i = 1; i < 100'000; ++i) {
        text += "name=r" + std::to_string(i) + " checkpoint=a.st\n";
    }
    EXPECT_EQ(parse_manifest(text, "", "runs.txt", Paths::unchecked).runs.size(), 100'000u);
}

} // namespace
} // namespace fa::jobs
