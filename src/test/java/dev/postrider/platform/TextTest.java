package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTest {
  @Test
  void findsWhatCannotBeStoredOrSent() {
    assertThat(Text.flaw("plain, Grüße, 你好, 👍🏽, \n\t\r")).isNull();
    assertThat(Text.flaw("a\u0000b")).contains("U+0000");
    assertThat(Text.flaw("a\u001bb")).contains("U+001B");
    assertThat(Text.flaw("a\u0085b")).contains("U+0085");
    assertThat(Text.flaw("a\ud83db")).contains("lone surrogate U+D83D");
    assertThat(Text.flaw("a\udc4d")).contains("lone surrogate U+DC4D");
    assertThat(Text.flaw("\ufffe")).contains("U+FFFE");
  }

  @Test
  void cleansWhatComesFromOutside() {
    assertThat(Text.cleaned("a\r\nb\u2028c\u202ed\u0000e\ud800f", 100)).isEqualTo("a  b c d e f");
    assertThat(Text.cleaned("x".repeat(50), 10)).hasSize(10);
    assertThat(Text.cleaned(null, 10)).isEmpty();
  }

  @Test
  void showsAddressesSoThatTheyCannotBeUsed() {
    assertThat(Text.masked("+5511999998888")).isEqualTo("+55•••8888");
    assertThat(Text.masked("ana@example.org")).isEqualTo("a•••@example.org");
    assertThat(Text.masked("")).isEmpty();
  }
}
