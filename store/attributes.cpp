#include "store/attributes.hpp"

#include <array>
#include <memory>

namespace fa::store {

namespace {

Handle scalar()
{
    return {H5Screate(H5S_SCALAR), H5Sclose, "a scalar dataspace"};
}

/// Variable length: h5py gives a str for these, but bytes for fixed lengths.
Handle string_type()
{
    Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "a string type");
    check(H5Tset_size(type.get(), H5T_VARIABLE), "a string type's length");
    check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "a string type's characters");
    return type;
}

Handle flag_type()
{
    Handle type(H5Tenum_create(H5T_STD_I8LE), H5Tclose, "an enumeration");
    for (const auto& [name, value] :
         {std::pair{"FALSE", std::int8_t{0}}, std::pair{"TRUE", std::int8_t{1}}}) {
        check(H5Tenum_insert(type.get(), name, &value), "an enumeration's value");
    }
    return type;
}

} // namespace

void AttributeWriter::write(const char* name, hid_t type, hid_t space, const void* value) const
{
    const std::string what = where_ + ": attribute '" + name + "'";
    Handle attribute(H5Acreate2(object_, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, what,
                     Unwinding::leaks);
    check(H5Awrite(attribute.get(), type, value), what);
    attribute.close(what);
}

void AttributeWriter::text(const char* name, std::string_view value) const
{
    const std::string owned(value); // an empty view may have no memory behind it, and none ends with a zero
    const char* pointer = owned.c_str();
    write(name, string_type().get(), scalar().get(), &pointer);
}

void AttributeWriter::integer(const char* name, std::int64_t value) const
{
    write(name, H5T_STD_I64LE, scalar().get(), &value);
}

void AttributeWriter::seed(const char* name, std::uint64_t value) const
{
    write(name, H5T_STD_U64LE, scalar().get(), &value);
}

void AttributeWriter::number(const char* name, double value) const
{
    write(name, H5T_IEEE_F64LE, scalar().get(), &value);
}

void AttributeWriter::integers(const char* name, std::span<const std::int64_t> values) const
{
    const hsize_t size = values.size();
    const Handle space(H5Screate_simple(1, &size, nullptr), H5Sclose, where_);
    write(name, H5T_STD_I64LE, space.get(), values.data());
}

void AttributeWriter::flag(const char* name, bool value) const
{
    const std::int8_t number = value ? 1 : 0;
    write(name, flag_type().get(), scalar().get(), &number);
}

void AttributeWriter::crc(std::uint32_t value) const
{
    write("crc32", H5T_STD_U32LE, scalar().get(), &value);
}

std::string AttributeReader::what(const char* name) const
{
    return where_ + ": attribute '" + name + "'";
}

bool AttributeReader::has(const char* name) const
{
    return check(H5Aexists(object_, name), what(name)) > 0;
}

Handle AttributeReader::open(const char* name) const
{
    if (!has(name)) {
        throw StoreError(what(name) + " is missing");
    }
    return {H5Aopen(object_, name, H5P_DEFAULT), H5Aclose, what(name)};
}

std::string AttributeReader::text(const char* name) const
{
    const Handle attribute = open(name);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose, what(name));
    const Handle space(H5Aget_space(attribute.get()), H5Sclose, what(name));
    if (H5Tget_class(type.get()) != H5T_STRING || H5Sget_simple_extent_npoints(space.get()) != 1) {
        throw StoreError(what(name) + " is no string");
    }
    if (check(H5Tis_variable_str(type.get()), what(name)) > 0) {
        char* value = nullptr;
        check(H5Aread(attribute.get(), type.get(), &value), what(name));
        const std::unique_ptr<char, herr_t (*)(void*)> owner(value, H5free_memory);
        return value == nullptr ? std::string() : std::string(value);
    }
    constexpr std::size_t longest = std::size_t{1} << 20; // a damaged type can claim any size
    const std::size_t size = H5Tget_size(type.get());
    if (size > longest) {
        throw StoreError(what(name) + " claims to be a string of " + std::to_string(size) + " bytes");
    }
    std::string value(size, '\0');
    check(H5Aread(attribute.get(), type.get(), value.data()), what(name));
    return value.substr(0, value.find('\0'));
}

template <typename T>
std::vector<T> AttributeReader::numbers(const char* name, hid_t memory_type) const
{
    const Handle attribute = open(name);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose, what(name));
    const Handle space(H5Aget_space(attribute.get()), H5Sclose, what(name));
    if (H5Tget_class(type.get()) != H5T_INTEGER) {
        throw StoreError(what(name) + " is no integer");
    }
    std::vector<T> values(
        static_cast<std::size_t>(check(H5Sget_simple_extent_npoints(space.get()), what(name))));
    check(H5Aread(attribute.get(), memory_type, values.data()), what(name));
    return values;
}

std::int64_t AttributeReader::integer(const char* name) const
{
    const auto values = integers(name);
    if (values.size() != 1) {
        throw StoreError(what(name) + " is no single number");
    }
    return values[0];
}

std::uint64_t AttributeReader::seed(const char* name) const
{
    const auto values = numbers<std::uint64_t>(name, H5T_NATIVE_UINT64);
    if (values.size() != 1) {
        throw StoreError(what(name) + " is no single number");
    }
    return values[0];
}

double AttributeReader::number(const char* name) const
{
    const Handle attribute = open(name);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose, what(name));
    const Handle space(H5Aget_space(attribute.get()), H5Sclose, what(name));
    if (H5Tget_class(type.get()) != H5T_FLOAT || H5Sget_simple_extent_npoints(space.get()) != 1) {
        throw StoreError(what(name) + " is no single real number");
    }
    double value = 0;
    check(H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value), what(name));
    return value;
}

std::vector<std::int64_t> AttributeReader::integers(const char* name) const
{
    return numbers<std::int64_t>(name, H5T_NATIVE_INT64);
}

bool AttributeReader::flag(const char* name) const
{
    const Handle attribute = open(name);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose, what(name));
    if (H5Tget_class(type.get()) != H5T_ENUM || H5Tget_size(type.get()) != 1) {
        throw StoreError(what(name) + " is no boolean");
    }
    std::int8_t value = 0;
    check(H5Aread(attribute.get(), type.get(), &value), what(name));
    return value != 0;
}

std::uint32_t AttributeReader::crc() const
{
    return static_cast<std::uint32_t>(seed("crc32"));
}

} // namespace fa::store
