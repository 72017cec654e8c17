# frozen_string_literal: true

require "sqlite3"

# Orders in SQLite.
class Orders
  def initialize(path)
    @database = SQLite3::Database.new(path)
    @database.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)")
    @lock = Mutex.new
  end

  def place(item)
    run("INSERT INTO orders (item) VALUES (?) RETURNING id", item).first.first
  end

  def destroy(number) = run("DELETE FROM orders WHERE id = ?", number)
  def item_of(number) = run("SELECT item FROM orders WHERE id = ?", number).flatten.first.to_s
  def all = run("SELECT id, item FROM orders ORDER BY id")

  private

  def run(sql, *values) = @lock.synchronize { @database.execute(sql, values) }
end
