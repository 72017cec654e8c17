// Package question reads questions as the corpus and the contract write them.
package question

import (
	"encoding/json"
	"maps"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Read reads a question with short names of enum values ("form_result"), as the corpus writes it.
func Read[T proto.Message](made T, question any) (T, error) {
	octets, err := json.Marshal(spelled(question, made.ProtoReflect().Descriptor()))
	if err != nil {
		return made, err
	}
	return made, protojson.Unmarshal(octets, made)
}

func spelled(value any, kind protoreflect.MessageDescriptor) any {
	members, is := value.(map[string]any)
	if !is || strings.HasPrefix(string(kind.FullName()), "google.protobuf.") {
		return value
	}
	made := maps.Clone(members)
	for name, member := range made {
		field := kind.Fields().ByName(protoreflect.Name(name))
		if field == nil {
			field = kind.Fields().ByJSONName(name)
		}
		if field == nil || field.IsMap() {
			continue
		}
		list, is := member.([]any)
		if !is {
			made[name] = spelledMember(member, field)
			continue
		}
		all := make([]any, len(list))
		for i, one := range list {
			all[i] = spelledMember(one, field)
		}
		made[name] = all
	}
	return made
}

func spelledMember(value any, field protoreflect.FieldDescriptor) any {
	if field.Message() != nil {
		return spelled(value, field.Message())
	}
	text, is := value.(string)
	if field.Enum() == nil || !is {
		return value
	}
	prefix := strings.TrimSuffix(string(field.Enum().Values().Get(0).Name()), "UNSPECIFIED")
	upper := strings.ToUpper(strings.NewReplacer("-", "_", ".", "_", "/", "_", " ", "_").Replace(text))
	for _, name := range []string{prefix + upper, upper} {
		if field.Enum().Values().ByName(protoreflect.Name(name)) != nil {
			return name
		}
	}
	return value
}
