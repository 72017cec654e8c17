# cmake -DFROM=file -DTO=file.cc -DHEADER=header.h -DNAME=kName -P embed.cmake: the file's octets as the std::string_view kName that the
# header declares.
file(READ ${FROM} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," octets "${hex}")
file(WRITE ${TO} "#include \"${HEADER}\"\nnamespace fingerpost {\nnamespace {\n"
  "constexpr char kOctets[] = {${octets}};\n}  // namespace\n"
  "const std::string_view ${NAME}(kOctets, sizeof kOctets);\n}  // namespace fingerpost\n")
