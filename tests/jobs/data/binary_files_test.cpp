/// MNIST's IDX and CIFAR-10's binary files, byte by byte.
#include "jobs/dataset.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

namespace fa::jobs {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using namespace std::string_literals;

/// A record of CIFAR-10 whose pixels are `red`, `green`, `blue` all over.
std::string record(char label, char red, char green, char blue)
{
    return label + std::string(1024, red) + std::string(1024, green) + std::string(1024, blue);
}

/// IDX: 0, 0, type, axes; sizes as big-endian uint32; numbers.
std::string idx(char type, const std::vector<unsigned char>& sizes, const std::string& numbers)
{
    std::string bytes = "\0\0"s + type + static_cast<char>(sizes.size());
    for (const unsigned char size : sizes)
        bytes += "\0\0\0"s + static_cast<char>(size);
    return bytes + numbers;
}

class BinaryFiles : public ::testing::Test {
  protected:
    void write_mnist(const std::string& images, const std::string& labels) const
    {
        folder.write("t10k-images-idx3-ubyte", images);
        folder.write("t10k-labels-idx1-ubyte", labels);
    }
    std::string error_of(const std::filesystem::path& data, const std::string& split = "test") const
    {
        try {
            read_split(data, split);
        } catch (const DataError& error) {
            return error.what();
        }
        return "no error";
    }
    fa::testing::ScratchFolder folder;
    const DataOptions as_stored{.scale = 1.0};
};

TEST_F(BinaryFiles, Cifar10HasOneLabelAndThreePlanes)
{
    folder.write("test_batch.bin", record(3, 10, 20, 30) + record(9, 40, 50, '\xff'));
    const Split split = read_split(folder.path(), "test", as_stored);
    EXPECT_THAT(split.labels, ElementsAre(3, 9));
    EXPECT_THAT(split.shape, ElementsAre(3, 32, 32));
    EXPECT_EQ(split.features, 3072);
    EXPECT_EQ(split.inputs[0], 10.0f);
    EXPECT_EQ(split.inputs[1023], 10.0f);
    EXPECT_EQ(split.inputs[1024], 20.0f);
    EXPECT_EQ(split.inputs[3072], 40.0f);
    EXPECT_EQ(split.inputs[6143], 255.0f);
    EXPECT_EQ(read_split(folder.path(), "test").inputs[6143], 1.0f);
}

TEST_F(BinaryFiles, Cifar10TrainsOnAllBatchesInTheirOrder)
{
    for (int number = 1; number <= 10; ++number) {
        const auto label = static_cast<char>(number % 10);
        folder.write("data_batch_" + std::to_string(number) + ".bin", record(label, 0, 0, 0));
    }
    folder.write("test_batch.bin", record(7, 0, 0, 0));
    EXPECT_THAT(read_split(folder.path(), "train").labels, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 0));
    EXPECT_THAT(read_split(folder / "test_batch.bin", "train").labels.size(), 10);
    EXPECT_THAT(read_split(folder / "test_batch.bin", "test").labels, ElementsAre(7));
    EXPECT_THAT(read_split(folder / "data_batch_3.bin", "test").labels, ElementsAre(3));
}

TEST_F(BinaryFiles, Cifar10ImagesThatBeginLikeAnIdxHeaderAreStillImages)
{
    auto dark = record(0, 0, 0, 0);
    dark[2] = 8;
    dark[3] = 3;
    EXPECT_THAT(read_split(folder.write("batch.bin", dark), "test").labels, ElementsAre(0));
}

TEST_F(BinaryFiles, Cifar10RefusesOtherLabelsAndLengths)
{
    const auto file = folder.write("test_batch.bin", record(3, 0, 0, 0) + record(10, 0, 0, 0));
    EXPECT_THAT(error_of(file), AllOf(HasSubstr("label 10 of image 1"), HasSubstr("0 … 9")));
    folder.write("test_batch.bin", record(3, 0, 0, 0) + "x");
    EXPECT_THAT(error_of(folder.path()), HasSubstr("3073 bytes an image"));
    folder.write("test_batch.bin", "");
    EXPECT_THAT(error_of(folder.path()), HasSubstr("3073 bytes an image"));
}

TEST_F(BinaryFiles, Cifar10AsPicklesIsRefused)
{
    folder.write("test_batch", "\x80\x02}.");
    EXPECT_THAT(error_of(folder.path()), HasSubstr("cifar-10-binary.tar.gz"));
}

TEST_F(BinaryFiles, MnistHasImagesAndLabelsInTwoFiles)
{
    write_mnist(idx(8, {2, 2, 3}, "\0\1\2\3\4\5\6\7\x08\x09\x0a\xff"s), idx(8, {2}, "\5\0"s));
    for (const auto& data : {folder.path(), folder / "t10k-images-idx3-ubyte"}) {
        const Split split = read_split(data, "test", as_stored);
        EXPECT_THAT(split.labels, ElementsAre(5, 0));
        EXPECT_THAT(split.shape, ElementsAre(2, 3));
        EXPECT_THAT(split.inputs, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255));
    }
    EXPECT_EQ(read_split(folder.path(), "test").inputs.back(), 1.0f);
}

TEST_F(BinaryFiles, MnistTrainsOnTheFilesBeside)
{
    write_mnist(idx(8, {1, 1, 1}, "\1"s), idx(8, {1}, "\1"s));
    folder.write("train-images-idx3-ubyte", idx(8, {2, 1, 1}, "\2\3"s));
    folder.write("train-labels-idx1-ubyte", idx(8, {2}, "\4\5"s));
    EXPECT_THAT(read_split(folder.path(), "train").labels, ElementsAre(4, 5));
    EXPECT_THAT(read_split(folder / "t10k-images-idx3-ubyte", "train").labels, ElementsAre(4, 5));
}

TEST_F(BinaryFiles, IdxNumbersAreBigEndian)
{
    // −2 and 258 as int16; 1.5 as float32; labels as int32.
    folder.write("a-images", idx(0x0b, {2, 1}, "\xff\xfe\x01\x02"s));
    folder.write("a-labels", idx(0x0c, {2}, "\0\0\0\1\0\0\1\0"s));
    EXPECT_THAT(read_split(folder / "a-images", "test").inputs, ElementsAre(-2.0f, 258.0f));
    EXPECT_THAT(read_split(folder / "a-images", "test").labels, ElementsAre(1, 256));
    folder.write("b-images", idx(0x0d, {1, 1}, "\x3f\xc0\0\0"s));
    folder.write("b-labels", idx(8, {1}, "\0"s));
    EXPECT_THAT(read_split(folder / "b-images", "test").inputs, ElementsAre(1.5f));
}

TEST_F(BinaryFiles, IdxNamesWhatIsMissing)
{
    folder.write("t10k-images-idx3-ubyte", idx(8, {1, 1, 1}, "\1"s));
    EXPECT_THAT(error_of(folder.path()), HasSubstr("t10k-labels-idx1-ubyte"));
    EXPECT_THAT(error_of(folder / "t10k-images-idx3-ubyte", "train"), HasSubstr("train-images-idx3-ubyte"));
    EXPECT_THAT(error_of(folder.write("x", idx(8, {1, 1, 1}, "\1"s))), HasSubstr("no 'images'"));
}

TEST_F(BinaryFiles, IdxRefusesHeadersThatDoNotFit)
{
    const auto labels = idx(8, {2}, "\1\1"s);
    write_mnist(idx(8, {2, 1, 2}, "\1\2\3"s), labels);
    EXPECT_THAT(error_of(folder.path()), AllOf(HasSubstr("19 bytes"), HasSubstr("means 20")));
    write_mnist(idx(8, {2, 1, 2}, "\1\2\3\4\5"s), labels);
    EXPECT_THAT(error_of(folder.path()), AllOf(HasSubstr("21 bytes"), HasSubstr("means 20")));
    write_mnist("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s, labels);
    EXPECT_THAT(error_of(folder.path()), HasSubstr("4294967295 samples"));
    write_mnist("\0\0\x08\x04\0\0\0\2\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s, labels);
    EXPECT_THAT(error_of(folder.path()), HasSubstr("memory"));
    write_mnist("\0\0\x08"s, labels);
    EXPECT_THAT(error_of(folder.path()), HasSubstr("ends early"));
    write_mnist(idx(8, {2, 1, 2}, "\1\2\3\4"s), idx(0x0d, {2}, std::string(8, '\0')));
    EXPECT_THAT(error_of(folder.path()), HasSubstr("labels are integers"));
}

TEST_F(BinaryFiles, OtherFilesAndFoldersAreNamedWithWhatIsRead)
{
    EXPECT_THAT(error_of(folder.path()), AllOf(HasSubstr("neither test_batch.bin"), HasSubstr("HDF5")));
    EXPECT_THAT(error_of(folder.write("data.csv", "1,2\n")), AllOf(HasSubstr("data.csv"), HasSubstr(".npz")));
    EXPECT_THAT(error_of(folder.write("empty", "")), HasSubstr("no known format"));
    EXPECT_THAT(error_of(folder / "nothing"), HasSubstr("no such file"));
}

} // namespace
} // namespace fa::jobs
