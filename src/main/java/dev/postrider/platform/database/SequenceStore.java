package dev.postrider.platform.database;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Blocks of ids from a sequence that steps by a whole block. */
@Repository
public class SequenceStore {
  /** As the migration creates it: {@code create sequence message_ids increment by 1000}. */
  static final int BLOCK = 1000;

  private final JdbcClient jdbc;

  public SequenceStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The first id of a block that nobody else has. */
  long nextBlock() {
    return jdbc.sql("select nextval('message_ids')").query(Long.class).single();
  }
}
