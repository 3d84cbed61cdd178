package dev.postrider.platform.database;

import dev.postrider.platform.Slice;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * Reads pages of rows that people made as large as they liked: a page ends before it takes more
 * memory than a node has for one, whatever number of rows was asked for. It has one row at least.
 */
public final class SizedPage {
  /** The most that the rows of a page take together, unless a single one takes more. */
  public static final int MOST_BYTES = 2 * 1024 * 1024;

  private SizedPage() {}

  /**
   * The statement that reads only what fits.
   *
   * @param page a statement whose rows tell their size as {@code page_bytes}, with a limit of one
   *     row more than are asked for
   * @param order the same as the statement's
   */
  public static String sql(String page, String order) {
    return """
    select * from (
      select page.*, count(*) over () as page_rows,
             sum(page_bytes) over (order by ${order}) - page_bytes as bytes_before
        from (${page}) page) sized
     where bytes_before + page_bytes <= ${bytes} or bytes_before = 0
     order by ${order}
    """
        .replace("${page}", page)
        .replace("${order}", order)
        .replace("${bytes}", Integer.toString(MOST_BYTES));
  }

  /** Up to {@code size} of the rows that fit. */
  public static <T> Slice<T> read(StatementSpec statement, int size, RowMapper<T> mapper) {
    return statement.query(rows -> {
      List<T> items = new ArrayList<>();
      long found = 0;
      int bytes = 0;
      while (rows.next()) {
        found = rows.getLong("page_rows");
        if (items.size() < size) {
          items.add(mapper.mapRow(rows, items.size()));
          bytes += rows.getInt("page_bytes");
        }
      }
      return new Slice<>(items, found > items.size(), bytes);
    });
  }
}
