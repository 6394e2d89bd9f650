using SessionManager.Storage;

namespace SessionManager.Tests.Storage;

public class CursorTests
{
    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("not base64 at all")]
    [InlineData("cwAAAAAAAAAB ")]
    [InlineData("cwAAAAAAAAA")]
    [InlineData("cwAAAAAAAAAA=")]
    [InlineData("cwAAAAAAAAAB_w")]
    [InlineData("YQAAAAAAAAAB")]
    public void A_text_that_is_no_cursor_of_the_list_is_refused(string text) =>
        Assert.Throws<FormatException>(() => Cursor.Decode('s', text));

    [Fact]
    public void A_text_longer_than_any_cursor_is_refused() =>
        Assert.Throws<FormatException>(() => Cursor.Decode('s', new Cursor('s', 1, new string('x', 10_000)).Encode()));

    [Theory]
    [InlineData(0, "")]
    [InlineData(long.MinValue, "ses_aaaa")]
    [InlineData(long.MaxValue, "dörte")]
    public void A_cursor_is_read_back_as_it_was_given(long number, string text) =>
        Assert.Equal(new Cursor('s', number, text), Cursor.Decode('s', new Cursor('s', number, text).Encode()));

    [Fact]
    public void No_cursor_means_the_first_page() => Assert.Null(Cursor.Decode('s', null));
}
