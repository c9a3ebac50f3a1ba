/// main() of test programs that use LibTorch: threads fixed before the first Torch call, as in the programs.
#include <ATen/Parallel.h>
#include <gmock/gmock.h>

int main(int argc, char** argv)
{
    at::set_num_interop_threads(1);
    at::set_num_threads(1);
    testing::InitGoogleMock(&argc, argv);
    return RUN_ALL_TESTS();
}
