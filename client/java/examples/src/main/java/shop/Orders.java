package shop;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/** Orders in SQLite. */
final class Orders {
  private final String url;

  Orders(String file) {
    this.url = "jdbc:sqlite:" + file;
  }

  private Connection open() throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)");
    }
    return connection;
  }

  /** The number of the new order. */
  int place(String item) throws SQLException {
    try (Connection connection = open();
        PreparedStatement insert = connection.prepareStatement("INSERT INTO orders (item) VALUES (?) RETURNING id")) {
      insert.setString(1, item);
      try (ResultSet row = insert.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  void destroy(int number) throws SQLException {
    try (Connection connection = open();
        PreparedStatement delete = connection.prepareStatement("DELETE FROM orders WHERE id = ?")) {
      delete.setInt(1, number);
      delete.executeUpdate();
    }
  }

  /** Empty when there is no such order. */
  String item(int number) throws SQLException {
    return all().getOrDefault(number, "");
  }

  int last() throws SQLException {
    return all().keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  Map<Integer, String> all() throws SQLException {
    Map<Integer, String> orders = new LinkedHashMap<>();
    try (Connection connection = open();
        Statement select = connection.createStatement();
        ResultSet rows = select.executeQuery("SELECT id, item FROM orders ORDER BY id")) {
      while (rows.next()) {
        orders.put(rows.getInt(1), rows.getString(2));
      }
    }
    return orders;
  }
}
