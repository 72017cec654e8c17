# frozen_string_literal: true

module Fingerpost
  # Short names of enum values: `form_result` for PURPOSE_FORM_RESULT.
  class Names
    # The longest name has fewer characters.
    LONGEST = 64

    class << self
      # The names of one enum (a Google::Protobuf::EnumDescriptor).
      def of(enum) = (@all ||= {})[enum.name] ||= new(enum)

      # The name that was probably meant, or nil. A third of the letters may be wrong, and always one.
      def closest(text, known)
        return nil if text.empty? || text.size > LONGEST

        found = known.min_by { |name| distance(text.downcase, name) }
        found if found && distance(text.downcase, found) <= [1, text.size / 3].max
      end

      private

      def distance(one, other)
        row = (0..other.size).to_a
        one.each_char.with_index(1) do |left, line|
          diagonal, row[0] = row[0], line
          other.each_char.with_index do |right, column|
            replaced = diagonal + (left == right ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = [replaced, diagonal + 1, row[column] + 1].min
          end
        end
        row.last
      end
    end

    def initialize(enum)
      values = enum.map { |name, _| name.to_s }
      prefix = values.first.delete_suffix("UNSPECIFIED")
      @known = values.to_h { |name| [name, name] }.merge(values.to_h { |name| [name.delete_prefix(prefix), name] })
      @short = values.drop(1).map { |name| name.delete_prefix(prefix).downcase }
    end

    # The value's full name, or nil.
    def full(text) = text.size <= LONGEST ? @known[text.upcase(:ascii).tr("-./ ", "_")] : nil

    def expected(text)
      meant = Names.closest(text, @short)
      "expected one of #{@short.join(", ")}#{"; did you mean #{meant}?" if meant}"
    end
  end
end
