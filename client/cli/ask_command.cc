// `fingerpost decide` and `fingerpost follow`: one question in flags, or many in a file.
#include "ask_many.h"
#include "command.h"
#include "core/message/json.h"
#include "exit_code.h"
#include "output.h"
#include "questions.h"
#include "server_flags.h"
#include "show.h"

namespace fingerpost::cli {
namespace {

struct DecideQuestion {
  using Flags = DecideFlags;
  using Request = v1::DecideRequest;
  using Response = v1::DecideResponse;
  static constexpr auto kAskMany = AskManyDecide;
};

struct FollowQuestion {
  using Flags = FollowFlags;
  using Request = v1::FollowRequest;
  using Response = v1::FollowResponse;
  static constexpr auto kAskMany = AskManyFollow;
};

template <typename Question>
class AskCommand : public Command {
 public:
  explicit AskCommand(CLI::App* app) : Command(app) {
    flags_.AddTo(*app);
    question_ = app->get_options([app](CLI::Option* o) { return o != app->get_help_ptr(); });
    app->add_option(
           "--input", input_,
           "Answer every line of FILE (\"-\": standard input), each a question in protobuf "
           "JSON, with a line of JSON")
        ->type_name("FILE")
        ->group("The answer");
    app->add_flag("--json", json_, "Print the answer as protobuf JSON")->group("The answer");
    server_.AddTo(*app);
    if constexpr (std::is_same_v<Question, DecideQuestion>) {
      app->add_option("--policy", server_.policy, "Answer by this policy")
          ->type_name("FILE")
          ->group("The answer");
    }
  }

  int Run() override {
    const auto backend = CheckInput().and_then([this] { return server_.MakeBackend(); });
    if (!backend) {
      Complain(backend.error());
      return kUsage;
    }
    return input_.empty() ? AskOne(**backend) : Question::kAskMany(**backend, input_);
  }

 private:
  // The file has whole questions, so no flag may describe one.
  message::Result<void> CheckInput() const {
    if (input_.empty()) return {};
    for (const CLI::Option* option : question_) {
      if (option->count() > 0) {
        return message::Unexpected("--input has whole questions: expected no " +
                                   option->get_name() + " beside it");
      }
    }
    return {};
  }

  int AskOne(Backend& backend) {
    typename Question::Request request;
    typename Question::Response response;
    const message::Done done = flags_.Ask(request).and_then([&] {
      FillIn(request);
      return backend.Answer(request, response);
    });
    if (!done) return Fail(done.error());
    const std::string text = json_ ? message::ToJson(response) + "\n"
                                   : Show(request, response, Palette::ForStandardOutput());
    return Print(text) ? kAnswered : kInputOutput;
  }

  int Fail(const v1::Error& error) {
    Complain(Describe(error));
    if (json_ && !Print(ErrorJson(error))) return kInputOutput;
    return IsAboutTheQuestion(error) ? kWrongQuestion : kNoServer;
  }

  typename Question::Flags flags_;
  std::vector<CLI::Option*> question_;
  std::string input_;
  bool json_ = false;
  ServerFlags server_;
};

}  // namespace

std::unique_ptr<Command> MakeDecideCommand(CLI::App& app) {
  return std::make_unique<AskCommand<DecideQuestion>>(
      app.add_subcommand("decide", "What to send: an intent in, status and fields out"));
}

std::unique_ptr<Command> MakeFollowCommand(CLI::App& app) {
  return std::make_unique<AskCommand<FollowQuestion>>(
      app.add_subcommand("follow", "What to request next: a response in, a request or a stop out"));
}

}  // namespace fingerpost::cli
