// `fingerpost health`: whether a server takes requests.
#include "command.h"
#include "exit_code.h"
#include "output.h"
#include "server_flags.h"

namespace fingerpost::cli {
namespace {

class HealthCommand : public Command {
 public:
  explicit HealthCommand(CLI::App* app) : Command(app) {
    server_.AddTo(*app);
    app->get_option("--server")->required();
    app->add_option("--service", service_, "Full name of a service; default: the whole server")
        ->type_name("NAME");
  }

  int Run() override {
    const auto client = server_.Connect();
    if (!client) {
      Complain(client.error());
      return kUsage;
    }
    bool serving = false;
    v1::Error error;
    if (!(*client)->IsServing(service_, serving, error, server_.Options())) {
      Complain(Describe(error));
      return kNoServer;
    }
    if (!Print(serving ? "SERVING\n" : "NOT_SERVING\n")) return kInputOutput;
    return serving ? kAnswered : kNoServer;
  }

 private:
  ServerFlags server_;
  std::string service_;
};

}  // namespace

std::unique_ptr<Command> MakeHealthCommand(CLI::App& app) {
  return std::make_unique<HealthCommand>(
      app.add_subcommand("health", "Whether a server takes requests"));
}

}  // namespace fingerpost::cli
