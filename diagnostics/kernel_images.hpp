#pragma once
/// Which GPUs compiled kernels run on. A GPU that they don't run on ends a job at its first kernel ("no
/// kernel image is available"); it is looked for before.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fa::diagnostics {

/// What nvcc made of each kernel, for one compute capability.
struct KernelImage {
    enum class Code { machine, ptx };          ///< PTX is compiled by the driver, for newer GPUs, too
    enum class Reach { usual, family, exact }; ///< sm_90; sm_100f; sm_90a, which no other GPU takes

    int major = 0, minor = 0;
    Code code = Code::machine;
    Reach reach = Reach::usual;
};

/// @param nvcc_flags  holds "-gencode arch=compute_90,code=sm_90" any number of times, whatever is between
/// them; none is found elsewhere
std::vector<KernelImage> images_of(std::string_view nvcc_flags);

/// Machine code X.Y runs on X.Z, Z ≥ Y, and PTX on whatever isn't older (CUDA C++ Programming Guide,
/// "Application Compatibility").
bool runs_on(const KernelImage& image, int major, int minor);

/// "8.0, 9.0, PTX of 9.0"
std::string to_text(std::span<const KernelImage> images);

/// Kernels that come together.
struct Kernels {
    std::string whose; ///< "LibTorch"
    std::vector<KernelImage> images;
    std::string remedy; ///< what to do where none of the images fits: "build it with …"
};

/// Why kernels don't run on a GPU: "LibTorch has kernels for 8.0, 9.0: …", of the first that don't. Empty
/// where all do, or where nothing is known of their images.
std::string why_not_on(int major, int minor, std::span<const Kernels> kernels);

} // namespace fa::diagnostics
