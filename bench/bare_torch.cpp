/// The least that a LibTorch program can cost: it calls the library once and ends.
#include <ATen/ATen.h>

int main()
{
    return at::ones({1}).item<float>() == 1.0F ? 0 : 1;
}
