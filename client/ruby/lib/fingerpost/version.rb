# frozen_string_literal: true

module Fingerpost
  VERSION = "0.1.0"
end
