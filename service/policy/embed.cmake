# cmake -DFROM=file -DTO=file.cc -DNAME=kName -P embed.cmake: the file's octets as a std::string_view of the namespace fingerpost.
file(READ ${FROM} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," octets "${hex}")
file(WRITE ${TO} "#include \"policy/load/embedded.h\"\nnamespace fingerpost {\nnamespace {\n"
  "constexpr char kOctets[] = {${octets}};\n}  // namespace\n"
  "const std::string_view ${NAME}(kOctets, sizeof kOctets);\n}  // namespace fingerpost\n")
