#include "harness/versions.hpp"

#include "harness/accelerator_versions.hpp"
#include "harness/comm/session.hpp"

#include <ATen/Version.h>
#include <boost/version.hpp>
#include <fmt/format.h>
#include <hdf5.h>
#include <openssl/crypto.h>
#include <torch/headeronly/version.h>
#include <zlib.h>

namespace fa::harness {

std::string versions_text()
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    std::string text = fmt::format("fa-harness {}\n", FA_VERSION);
    text += fmt::format("LibTorch {} (CPU capability {})\n", TORCH_VERSION, at::get_cpu_capability());
    text += comm::mpi_version() + "\n";
    text += fmt::format("HDF5 {}.{}.{} (parallel)\n", major, minor, release);
    text += fmt::format("Boost {}.{}.{}\n", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
                        BOOST_VERSION % 100);
    text += fmt::format("zlib {}\n{}\n", zlibVersion(), OpenSSL_version(OPENSSL_VERSION));
    text += accelerator_versions() + "\n";
    return text;
}

} // namespace fa::harness
