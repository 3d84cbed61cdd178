package dev.postrider.platform.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what JDBC has no method for. */
public final class Rows {
  private Rows() {}

  /** A column to hand to a statement, one text for each row; what is missing stays null. */
  public static <T> @Nullable String[] texts(
      List<T> rows, Function<? super T, ? extends @Nullable Object> column) {
    @Nullable String[] texts = new String[rows.size()];
    for (int i = 0; i < texts.length; i++) {
      Object value = column.apply(rows.get(i));
      texts[i] = value == null ? null : value.toString();
    }
    return texts;
  }

  /** A time that is always there. */
  public static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  /** A time, or null. */
  public static @Nullable Instant optional(ResultSet row, String column) throws SQLException {
    OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }
}
