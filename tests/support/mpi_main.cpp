/// main() of test programs that run on several ranks.
#include <gmock/gmock.h>
#include <mpi.h>

int main(int argc, char** argv)
{
    MPI_Init(&argc, &argv);
    testing::InitGoogleMock(&argc, argv);
    // A throw that GoogleTest catches on one rank leaves the others in their collective call.
    GTEST_FLAG_SET(catch_exceptions, false);
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank > 0) {
        auto& listeners = testing::UnitTest::GetInstance()->listeners();
        delete listeners.Release(listeners.default_result_printer());
    }
    int failed = RUN_ALL_TESTS();
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    MPI_Finalize();
    return rank == 0 ? failed : 0;
}
