#pragma once
/// What nvcc needs said of functions that run on both sides; nothing to other compilers.

#ifdef __CUDACC__
#define FA_HOST_DEVICE __host__ __device__
#else
#define FA_HOST_DEVICE
#endif
