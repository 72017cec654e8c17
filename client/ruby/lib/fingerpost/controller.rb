# frozen_string_literal: true

require "action_controller"
require "fingerpost/middleware"
require "fingerpost/web"

module Fingerpost
  # There is no answer: Rails shows its own 503.
  class Unavailable < StandardError; end

  # Rails' controllers and views have `fingerpost`.
  module Controller
    def self.included(controllers)
      controllers.helper_method(:fingerpost) if controllers.respond_to?(:helper_method)
    end

    private

    def fingerpost = @fingerpost ||= Here.new(self, ::Rails.configuration.fingerpost)

    # For one request: `fingerpost.redirect(:form_result, order_path(order), flash: "Order placed")`
    class Here
      def initialize(controller, settings)
        @controller = controller
        @settings = settings
      end

      # Responds with an intent. `target` is a path, a URL, a record, or what url_for takes; `modifiers` are those of Intent, and `flash` is a text. Raises
      # ActionController::BadRequest for an unsafe redirect, Unavailable without an answer, Error if the program is wrong.
      def redirect(purpose, target = "", **modifiers) = answer(Web.intent(purpose, place(target), modifiers))

      # Responds with one of the policy's named intents.
      def named(intent_name, **parameters) = answer(Web.named(intent_name, parameters))

      # Back to where a login came from, if that is safe; to `or_` if it is unsafe or missing.
      def back(to, or_ = "/")
        first, *others = Web.ways_back(to, place(or_))
        answer(first)
      rescue ActionController::BadRequest
        raise if others.empty?

        answer(others.first)
      end

      # The flash message, once: the response clears it. Empty when there is none. Anybody could have written it; views escape it.
      def flash
        @flash ||= Web.flash(@controller.request.env).then do |text, clear|
          Page.add(@controller.response.headers, [["Set-Cookie", clear]]) unless clear.empty?
          text
        end
      end

      private

      def place(target)
        return @controller.url_for(**target, only_path: true) if target.is_a?(Hash)

        target.respond_to?(:to_model) ? @controller.polymorphic_path(target) : target
      end

      def answer(wish)
        env = @controller.request.env
        decision = @settings.client.decide(@settings.reader.question(env, wish))
        write(*Web.response(decision))
        env[Middleware::ANSWER] = decision
        nil
      rescue Error => e
        raise ActionController::BadRequest, Web::REFUSED if Web.status_of(e) == 400

        env[Middleware::UNAVAILABLE] = true
        raise Unavailable, Web::UNAVAILABLE
      end

      # With the fields that the application has set so far, but none that Rails would add.
      def write(status, headers, body)
        before = @controller.response.headers.to_h
        kept = before.reject { |name, _| name.casecmp?("Set-Cookie") || [*headers.keys, *Middleware::ADDED].any? { |one| one.casecmp?(name) } }
        cookies = Page.lines_of(before["Set-Cookie"]).map { |line| ["Set-Cookie", line] }
        answer = Answer.new(status, { **kept, **headers }.tap { |fields| Page.add(fields, cookies) }, body)
        answer.request = @controller.request
        @controller.set_response!(answer)
        @controller.response_body = body
      end
    end

    # A response to which Rails adds nothing.
    class Answer < ActionDispatch::Response
      private

      def before_committed = nil
    end
    private_constant :Here, :Answer
  end
end
