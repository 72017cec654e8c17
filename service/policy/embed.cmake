# cmake -DFROM=file -DTO=file.cc -DROOM=policy/room -DHEADER=header.h -DNAME=kName -P embed.cmake: writes the file's octets
# as the std::string_view kName, which a header of the room declares.
file(READ ${FROM} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," octets "${hex}")
string(REPLACE "/" "::" namespace "fingerpost/${ROOM}")
file(WRITE ${TO} "#include \"${ROOM}/${HEADER}\"\nnamespace ${namespace} {\nnamespace {\n"
  "constexpr char kOctets[] = {${octets}};\n}  // namespace\n"
  "const std::string_view ${NAME}(kOctets, sizeof kOctets);\n}  // namespace ${namespace}\n")
