// The shared state of an HTTP port's connections, and the deadlines of each.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "server/http/hosts.h"
#include "server/http/server.h"

namespace fingerpost {

using Moment = std::chrono::steady_clock::time_point;

class HttpSession;

// Belongs to the thread of the port; so do its sessions.
class HttpPort {
 public:
  HttpPort(HttpOptions options, HttpHandler handler);
  virtual ~HttpPort() = default;
  HttpPort(const HttpPort&) = delete;
  HttpPort& operator=(const HttpPort&) = delete;

  // Called when the limit has refused or ended a connection of that peer.
  virtual void Reached(HttpLimit limit, const std::string& peer) = 0;
  // Whether each answer to `host` ends its connection, so that others come in without a reset.
  [[nodiscard]] virtual bool Leaves(const std::string& host) const = 0;
  [[nodiscard]] bool IsOpen(std::string_view path) const {
    return options.is_open && options.is_open(path);
  }
  // The value of the field Date.
  [[nodiscard]] const std::string& Date();
  // Whether `session` may hold so many more octets. Ends other sessions that hold more and have not
  // sent everything to make room.
  [[nodiscard]] bool MakeRoom(int64_t octets, const HttpSession& session);

  const HttpOptions options;
  const HttpHandler handler;
  const HttpHosts hosts;
  boost::asio::io_context io{1};
  boost::asio::thread_pool workers;
  absl::flat_hash_set<HttpSession*> sessions;
  // Open connections, in all and for each host; a session may outlive its connection.
  int open = 0;
  absl::flat_hash_map<std::string, int> per_host;
  int64_t held = 0;       // octets, of all sessions
  bool stopping = false;  // Waits for no more requests.

 private:
  std::time_t date_at_ = 0;
  std::string date_;
};

// A session lives as long as its connection, or as the work on its request. It always waits for
// exactly one thing: an operation of the connection, or a worker.
class HttpSession {
 public:
  virtual ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // Ends the session if it is past a deadline.
  void Look(Moment now);
  // Shortens the time that the client has to send something.
  void Hurry(Moment until);
  // Ends the connection at once; unsent data is lost.
  void Cut();

  // Whether it waits for its client to act.
  [[nodiscard]] bool waits_for_client() const;
  // Whether it holds incomplete content.
  [[nodiscard]] bool GivesWay() const;
  // Whether any request has come, and whether any octet has.
  [[nodiscard]] bool has_asked() const { return has_asked_; }
  [[nodiscard]] bool has_spoken() const { return has_spoken_; }
  // When it entered its present state.
  [[nodiscard]] Moment since() const { return since_; }
  [[nodiscard]] int64_t held() const { return held_; }
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] const std::string& peer() const { return peer_; }

 protected:
  enum class State { kShaking, kSilent, kIdle, kHead, kContent, kWork, kWrite, kClosing, kOver };

  // `host`: the host that it counts for. The port must outlive the session.
  HttpSession(HttpPort& port, std::string peer, std::string host);

  virtual boost::asio::ip::tcp::socket& Socket() = 0;

  void Enter(State state);
  // Whether it may hold so many octets in all.
  [[nodiscard]] bool Hold(size_t octets);
  // Counts the missed deadline.
  void Reached(HttpLimit limit);

  HttpPort& port_;
  State state_ = State::kSilent;
  bool late_ = false;
  bool has_asked_ = false;
  const Moment begin_;

 private:
  [[nodiscard]] std::chrono::milliseconds Patience(State state) const;
  // Stops counting its connection, which is over.
  void Leave();

  const std::string peer_;
  const std::string host_;
  Moment since_;
  Moment deadline_;
  int64_t held_ = 0;
  bool has_spoken_ = false;
};

}  // namespace fingerpost
