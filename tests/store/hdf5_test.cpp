#include "store/hdf5.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace fa::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

int closed = 0;
herr_t count_close(hid_t)
{
    ++closed;
    return 0;
}
herr_t refuse_close(hid_t)
{
    return -1;
}

TEST(Handle, ClosesOnce)
{
    closed = 0;
    {
        Handle first(7, count_close, "a thing");
        Handle second(std::move(first));
        Handle third;
        third = std::move(second);
        EXPECT_EQ(third.get(), 7);
    }
    EXPECT_EQ(closed, 1);
}

TEST(Handle, ClosesWhatItHeldWhenItGetsAnother)
{
    closed = 0;
    Handle handle(7, count_close, "a thing");
    handle = Handle(8, count_close, "another");
    EXPECT_EQ(closed, 1);
    EXPECT_EQ(handle.get(), 8);
}

TEST(Handle, ThrowsWhereThereIsNothingToOwn)
{
    EXPECT_THROW(Handle(H5I_INVALID_HID, count_close, "a thing"), StoreError);
}

TEST(Handle, TellsOfAFailureToClose)
{
    Handle handle(7, refuse_close, "a thing");
    EXPECT_THROW(handle.close("closing the thing"), StoreError);
    EXPECT_FALSE(handle);
}

void throw_past(Unwinding unwinding)
{
    const Handle handle(7, count_close, "a thing", unwinding);
    throw std::runtime_error("elsewhere");
}

TEST(Handle, IsClosedByAnException)
{
    closed = 0;
    EXPECT_THROW(throw_past(Unwinding::closes), std::runtime_error);
    EXPECT_EQ(closed, 1);
}

TEST(Handle, OfASharedFileIsLeftOpenByAnException)
{
    closed = 0;
    EXPECT_THROW(throw_past(Unwinding::leaks), std::runtime_error);
    EXPECT_EQ(closed, 0) << "closing is collective: the other ranks don't come";
}

TEST(Handle, OfASharedFileIsClosedOtherwise)
{
    closed = 0;
    {
        const Handle handle(7, count_close, "a thing", Unwinding::leaks);
    }
    EXPECT_EQ(closed, 1);
}

TEST(Hdf5Errors, CarryTheLibrarysReasonsAndPrintNothing)
{
    silence_hdf5();
    ::testing::internal::CaptureStderr();
    try {
        check(H5Fopen("/nowhere/at/all.h5", H5F_ACC_RDONLY, H5P_DEFAULT), "all.h5");
        FAIL();
    } catch (const StoreError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("all.h5: "), HasSubstr("No such file")));
    }
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Hdf5Files, ThatAreMissingAreNamed)
{
    try {
        open_to_read("/nowhere/at/all.h5");
        FAIL();
    } catch (const StoreError& error) {
        EXPECT_STREQ(error.what(), "/nowhere/at/all.h5: no such file");
    }
}

TEST(Hdf5Files, TellWhichLinksTheyHave)
{
    const fa::testing::ScratchFolder folder;
    const auto path = folder / "a.h5";
    {
        const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose,
                          "a file");
        const Handle group(H5Gcreate2(file.get(), "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose, "a");
        const Handle inner(H5Gcreate2(group.get(), "b", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                           "b");
    }
    const Handle file = open_to_read(path);
    EXPECT_TRUE(has_link(file, "a"));
    EXPECT_TRUE(has_link(file, "a/b"));
    EXPECT_FALSE(has_link(file, "a/c"));
    EXPECT_FALSE(has_link(file, "x/y/z"));
}

} // namespace
} // namespace fa::store
