#include "jobs/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace fa::jobs {

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }
};

namespace {

void require(bool succeeded)
{
    if (!succeeded) {
        throw std::runtime_error("OpenSSL could not compute a SHA-256 (is its default provider missing?)");
    }
}

} // namespace

Sha256::Sha256() : state_(std::make_unique<State>())
{
    require(state_->context != nullptr && EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::byte> bytes)
{
    require(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

void Sha256::update(std::string_view text)
{
    update(std::as_bytes(std::span(text)));
}

std::string Sha256::hex()
{
    std::array<unsigned char, 32> digest{};
    require(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr) == 1);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : digest) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string sha256(std::span<const std::byte> bytes)
{
    Sha256 hash;
    hash.update(bytes);
    return hash.hex();
}

std::string sha256(std::string_view text)
{
    return sha256(std::as_bytes(std::span(text)));
}

} // namespace fa::jobs
