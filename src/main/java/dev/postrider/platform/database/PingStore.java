package dev.postrider.platform.database;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

/** Asks the database for a sign of life. */
@Repository
public class PingStore {
  private final JdbcTemplate jdbc;

  public PingStore(javax.sql.DataSource dataSource) {
    this.jdbc = new JdbcTemplate(dataSource);
    this.jdbc.setQueryTimeout(1);
  }

  boolean answers() {
    try {
      jdbc.queryForObject("select 1", Integer.class);
      return true;
    } catch (DataAccessException _) {
      return false;
    }
  }
}
