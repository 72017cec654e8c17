// `fingerpost trace`: walks a chain of redirects and says what is wrong with it.
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "core/url.h"
#include "exit_code.h"
#include "flag_reader.h"
#include "output.h"
#include "show_trace.h"
#include "trace.h"
#include "version.h"

namespace fingerpost::cli {
namespace {

class TraceCommand : public Command {
 public:
  explicit TraceCommand(CLI::App* app) : Command(app) {
    app->add_option("URL", url_, "Where to begin: absolute, http or https")->required();
    app->add_option("-X,--method", method_, "Default: GET, and POST with --data")
        ->type_name("METHOD");
    app->add_option("-H,--header", headers_, "A field of the first request. Repeatable")
        ->allow_extra_args(false)
        ->type_name("'NAME: VALUE'");
    app->add_option("-d,--data", content_, "The content of the first request")->type_name("TEXT");
    app->add_option("--profile", profile_,
                    "Whose rules; default: strict. One of " + NamesOf<v1::Profile>())
        ->type_name("PROFILE");
    app->add_option("--secret", secrets_,
                    "A field that stays on its origin, as Authorization does; its value is not "
                    "shown. Repeatable")
        ->allow_extra_args(false)
        ->type_name("NAME");
    app->add_option("--limit", limit_, "Most redirects, 0 to 100; default: the profile's")
        ->type_name("COUNT");
    app->add_option("--timeout", timeout_seconds_, "Longest time for the whole chain")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.001, 3600.0).description(""))
        ->capture_default_str();
    app->add_option("--tls-ca", authorities_, "Trust the authorities in this PEM file")
        ->type_name("FILE")
        ->check(CLI::ExistingFile.description(""));
    app->add_flag("--json", json_, "Print the trace as JSON");
  }

  int Run() override {
    Journey journey;
    Trace trace;
    v1::Error error;
    HttpClient http(authorities_);
    const Sender send = [&](const v1::HttpRequest& request, auto timeout, Exchange& out,
                            std::string& problem) {
      return http.Send(request, journey.content, timeout, out, problem);
    };
    if (!Plan(journey, error) || !Walk(journey, send, trace, error)) {
      Complain(Describe(error));
      return kWrongQuestion;
    }
    const std::string text = json_ ? TraceJson(trace) : Show(trace, Palette::ForStandardOutput());
    if (!Print(text)) return kInputOutput;
    if (!trace.failure.empty()) {
      Complain(trace.failure);
      return kNoServer;
    }
    return trace.Complete() ? kAnswered : kBrokenChain;
  }

 private:
  // False: a flag's value is wrong; `error` names the field.
  [[nodiscard]] bool Plan(Journey& journey, v1::Error& error) const {
    FlagReader reader(error);
    v1::HttpRequest& request = journey.request;
    request.set_method(reader.Text(!method_.empty() ? method_
                                   : content_       ? "POST"
                                                    : "GET",
                                   "request.method"));
    // As Follow understands it, also where libcurl would not.
    const auto url = ParseUrl(url_);
    request.set_url(url ? std::string(url->get_href()) : reader.Text(url_, "request.url"));
    reader.Fields(headers_, "request.headers", *request.mutable_headers());
    for (int i = 0; i < request.headers_size(); ++i) {
      if (IsWithheld(request.headers(i))) {
        reader.Fault(FieldPath("request.headers", i), "expected a value: the field is sent");
      }
    }
    // What nearly every client sends, unless told otherwise.
    AddDefault("User-Agent", std::string("fingerpost/") + kVersion, request);
    AddDefault("Accept", "*/*", request);
    if (content_) {
      AddDefault("Content-Type", "application/x-www-form-urlencoded", request);
      journey.content = *content_;
      request.set_body(v1::BODY_REPLAYABLE);
    }
    journey.options.set_profile(reader.Name<v1::Profile>(profile_, "options.profile"));
    for (size_t i = 0; i < secrets_.size(); ++i) {
      const std::string path = FieldPath("options.secret_fields", static_cast<int>(i));
      journey.options.add_secret_fields(reader.Text(secrets_[i], path));
    }
    if (limit_) journey.options.set_limit(*limit_);
    journey.timeout = std::chrono::milliseconds(static_cast<int64_t>(timeout_seconds_ * 1000));
    return reader.Finish();
  }

  static void AddDefault(const std::string& name, const std::string& value,
                         v1::HttpRequest& request) {
    if (FindField(request.headers(), name) != nullptr) return;
    v1::Header& header = *request.add_headers();
    header.set_name(name);
    header.set_value(value);
  }

  std::string url_;
  std::string method_;
  std::vector<std::string> headers_;
  std::optional<std::string> content_;
  std::string profile_;
  std::vector<std::string> secrets_;
  std::optional<uint32_t> limit_;
  double timeout_seconds_ = 30;
  std::string authorities_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeTraceCommand(CLI::App& app) {
  return std::make_unique<TraceCommand>(
      app.add_subcommand("trace", "Walk a chain of redirects and say what is wrong with it"));
}

}  // namespace fingerpost::cli
