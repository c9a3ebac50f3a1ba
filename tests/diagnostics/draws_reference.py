"""The random draws once more, in Python integers and doubles: own Philox4x32-10, own transforms, nothing shared with
the C++ sources. Doubles of Python are IEEE's, and each operation rounds once, so the comparison is of bits.

    draws_reference.py PROGRAM    compares with what PROGRAM (draws_dump) prints
    draws_reference.py --pin      prints the numbers that normal_test.cpp pins
"""

import math
import struct
import subprocess
import sys

MASK = 0xFFFFFFFF


def philox(seed, purpose, draw, layer, block):
    counter = [block & MASK, layer, draw, purpose]
    key = [seed & MASK, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(b >> 32) ^ counter[1] ^ key[0], b & MASK, (a >> 32) ^ counter[3] ^ key[1], a & MASK]
        key = [(key[0] + 0x9E3779B9) & MASK, (key[1] + 0xBB67AE85) & MASK]
    return counter


def logarithm(u):
    """ln u = e ln 2 + 2 atanh(s), s = (f - 1)/(f + 1), u = 2^e f with f in [sqrt(1/2), sqrt(2))."""
    f, e = math.frexp(u)  # f in [1/2, 1)
    if f < math.sqrt(0.5):
        f, e = 2.0 * f, e - 1
    s = (f - 1.0) / (f + 1.0)
    t = s * s
    series = 1.0 / 17.0
    for n in (15, 13, 11, 9, 7, 5, 3, 1):
        series = series * t + 1.0 / n
    return e * 0.6931471805599453 + (s + s) * series


def cosine_and_sine(word):
    octant, step = word >> 29, word & 0x1FFFFFFF
    if octant % 2 == 1:
        step = 0x1FFFFFFF - step
    angle = (step + 0.5) * (math.pi / 4 * 2.0**-29)
    square = angle * angle
    sine = 1.0 / math.factorial(13)
    for n in (11, 9, 7, 5, 3):
        sign = -1.0 if n % 4 == 3 else 1.0
        sine = sine * square + sign / math.factorial(n)
    sine = sine * square * angle + angle
    cosine = -1.0 / math.factorial(14)
    for n in (12, 10, 8, 6, 4, 2, 0):
        sign = -1.0 if n % 4 == 2 else 1.0
        cosine = cosine * square + sign / math.factorial(n)
    if octant in (1, 2, 5, 6):
        cosine, sine = sine, cosine
    return (-cosine if octant in (2, 3, 4, 5) else cosine), (-sine if octant >= 4 else sine)


def normal(stream, element):
    words = philox(*stream, element // 4)
    first = element % 4 // 2 * 2
    radius = math.sqrt(-2.0 * logarithm((words[first] + 0.5) * 2.0**-32))
    return radius * cosine_and_sine(words[first + 1])[element % 2]


def word(stream, element):
    return philox(*stream, element // 4)[element % 4]


def to_float(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def orthogonal(stream, rows, columns, scale):
    a = [[normal(stream, i * columns + j) for j in range(columns)] for i in range(rows)]
    wide = rows < columns
    vectors = a if wide else [list(column) for column in zip(*a)]
    done = []
    for vector in vectors:
        square = 0.0
        for x in vector:
            square += x * x
        length = math.sqrt(square)
        unit = [x / length for x in vector]
        done.append(unit)
        for other in vectors[len(done):]:
            product = 0.0
            for x, y in zip(unit, other):
                product += x * y
            for i, x in enumerate(unit):
                other[i] -= x * product
    length = scale * math.sqrt(max(rows, columns))
    matrix = done if wide else [list(row) for row in zip(*done)]
    return [to_float(x * length) for row in matrix for x in row]


def permute(stream, count):
    keys = [word(stream, 2 * k) << 32 | word(stream, 2 * k + 1) for k in range(count)]
    return [float(k) for k in sorted(range(count), key=keys.__getitem__)]


def matrix(distribution, stream, rows, columns, scale):
    elements = range(rows * columns)
    if distribution == "normal":
        return [to_float(normal(stream, e) * scale) for e in elements]
    if distribution == "uniform":
        return [to_float((2.0 * ((word(stream, e) + 0.5) * 2.0**-32) - 1.0) * math.sqrt(3.0) * scale) for e in elements]
    if distribution == "rademacher":
        return [to_float(scale if word(stream, e) & 1 else -scale) for e in elements]
    if distribution == "orthogonal":
        return orthogonal(stream, rows, columns, scale)
    if distribution == "permute":
        return permute(stream, rows * columns)
    raise ValueError(distribution)


def compare(program):
    """Each line: distribution seed purpose draw layer rows columns scale : entries in hexadecimal."""
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) >= 10, "the program printed too little"
    for line in lines:
        head, entries = line.split(":")
        distribution, *integers, scale = head.split()
        seed, purpose, draw, layer, rows, columns = map(int, integers)
        actual = [float.fromhex(text) for text in entries.split()]
        expected = matrix(distribution, (seed, purpose, draw, layer), rows, columns, float.fromhex(scale))
        assert len(actual) == rows * columns
        for element, (a, b) in enumerate(zip(actual, expected)):
            if a != b:
                sys.exit(f"{head.strip()}: element {element} is {a.hex()}, but Python says {b.hex()}")
    print(f"{len(lines)} matrices agree bit for bit")


if __name__ == "__main__":
    if sys.argv[1] == "--pin":
        print(", ".join(normal((42, 1, 5, 3), e).hex() for e in range(8)))
    else:
        compare(sys.argv[1])
