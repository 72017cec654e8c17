# frozen_string_literal: true

require "google/protobuf/well_known_types"
require "json"
require "fingerpost/error"
require "fingerpost/names"

module Fingerpost
  # From plain Ruby to the protobuf messages: hashes in protobuf JSON, with short enum names (:form_result).
  module Questions
    # A member of a message: `enum` is Names, `message` the descriptor below it; a map has neither.
    Member = Struct.new(:name, :type, :repeated, :enum, :message)
    MAP = /_MapEntry_/
    private_constant :Member, :MAP

    class << self
      # `question` as a message of that kind. Raises Error with code INVALID_ARGUMENT, and every wrong name at once.
      def message(kind, question)
        return question if question.is_a?(kind)
        raise TypeError, "question: expected a #{kind.name} or a Hash, not #{question.class}" unless question.is_a?(Hash)

        faults = []
        spelled_out = object(question, kind.descriptor, "", faults)
        raise wrong(faults) unless faults.empty?

        kind.decode_json(JSON.generate(spelled_out))
      rescue Google::Protobuf::ParseError, JSON::JSONError => e
        raise Error.new("INVALID_ARGUMENT", e.message, "MALFORMED_JSON")
      end

      # Text as protobuf takes it; nil if it is not Unicode.
      def unicode(text)
        text = text.encoding == Encoding::BINARY ? text.dup.force_encoding(Encoding::UTF_8) : text.encode(Encoding::UTF_8)
        text if text.valid_encoding?
      rescue EncodingError
        nil
      end

      # A field line; a value of nil is withheld.
      def header(name, value)
        line = V1::Header.new(name: name)
        if value && (text = unicode(value))
          line.value = text
        elsif value
          line.raw_value = value.b
        end
        line
      end

      private

      def wrong(faults)
        more = " (and #{faults.size - 1} more)" if faults.size > 1
        Error.new("INVALID_ARGUMENT", "#{faults.first.field}: #{faults.first.description}#{more}", "INVALID_FIELDS", faults)
      end

      def members(kind)
        (@members ||= {})[kind.name] ||= kind.flat_map do |field|
          enum = Names.of(field.subtype) if field.type == :enum
          below = field.subtype if field.type == :message && !field.subtype.name.match?(MAP)
          member = Member.new(field.name, field.type, field.label == :repeated && (field.type != :message || !below.nil?), enum, below)
          [[field.name, member], [field.json_name, member]]
        end.to_h
      end

      # Spells out short enum names at every level; `faults` gets unknown members and names.
      def object(value, kind, path, faults)
        known = kind.name.start_with?("google.protobuf.")
        return well_known(value, kind, path, faults) if known
        return fault(faults, path, "expected an object") unless value.is_a?(Hash)

        value.each_with_object({}) do |(key, item), spelled_out|
          at = path.empty? ? key.to_s : "#{path}.#{key}"
          field = members(kind)[key.to_s]
          field ? spelled_out[key.to_s] = member(item, field, at, faults) : fault(faults, at, unknown(key.to_s, kind))
        end
      end

      def member(value, field, path, faults)
        return nil if value.nil?
        return value.each_with_index.map { |item, index| one(item, field, "#{path}[#{index}]", faults) } if field.repeated && value.is_a?(Array)

        one(value, field, path, faults)
      end

      def one(value, field, path, faults)
        return object(value, field.message, path, faults) if field.message

        value = value.to_s if value.is_a?(Symbol) || (field.type == :string && value.respond_to?(:scheme)) # A URI counts as its text.
        return value.is_a?(Hash) ? map(value, path, faults) : value unless value.is_a?(String)

        value = unicode(value) or return fault(faults, path, "expected Unicode in UTF-8") # It comes from a visitor, and no message can hold it.
        return value unless field.enum

        field.enum.full(value) || fault(faults, path, field.enum.expected(value))
      end

      def map(values, path, faults)
        values.to_h do |key, value|
          texts = [key.to_s, value].map do |text|
            text = text.to_s if text.is_a?(Symbol)
            text.is_a?(String) ? unicode(text) || fault(faults, "#{path}[#{key.to_s.b}]", "expected Unicode in UTF-8") : text
          end
          [texts.first.to_s, texts.last]
        end
      end

      def well_known(value, kind, path, faults)
        case value
        when Time then value.getutc.strftime("%Y-%m-%dT%H:%M:%S.%NZ")
        when Numeric
          return value unless kind.name == "google.protobuf.Duration"
          return fault(faults, path, "expected a number of seconds") unless value.to_f.finite?

          format("%.9fs", value)
        else value
        end
      end

      def unknown(key, kind)
        meant = Names.closest(key, kind.map(&:name))
        "there is no such field in #{kind.name.split(".").last}#{"; did you mean #{meant}?" if meant}"
      end

      def fault(faults, path, description)
        faults << Violation.new(path.dup.force_encoding(Encoding::UTF_8).scrub, description)
        nil
      end
    end
  end
end
