package dev.postrider.platform.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * Opens connections, and breaks all of them at once when the database has gone silent: whoever
 * waits for an answer that will never come is free again, long before its socket times out.
 */
final class BreakableConnections extends AbstractDataSource {
  private static final Logger log = LoggerFactory.getLogger(BreakableConnections.class);

  /** How long opening one takes at most. */
  static final int LOGIN_SECONDS = 3;

  private final String url;
  private final Properties properties;

  /** Forgotten with the connections: the pool drops those that broke. */
  private final Set<Connection> open =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  BreakableConnections(String url, Properties properties) {
    this.url = url;
    this.properties = properties;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = DriverManager.getConnection(url, properties);
    open.add(connection);
    return connection;
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLException("the user is fixed");
  }

  /** So long a pool that closes waits for those it is opening; 0 is a warning at each stop. */
  @Override
  public int getLoginTimeout() {
    return LOGIN_SECONDS;
  }

  void breakAll() {
    List<Connection> all;
    synchronized (open) {
      all = List.copyOf(open);
      open.clear();
    }
    for (Connection connection : all) {
      try {
        // Through TLS a hang-up waits for whoever is writing, as long as the system tries.
        connection.abort(Thread::startVirtualThread);
      } catch (SQLException _) {
        // It was broken already.
      }
    }
    if (!all.isEmpty()) {
      log.atWarn().addKeyValue("connections", all.size()).log("database.connections_broken");
    }
  }
}
