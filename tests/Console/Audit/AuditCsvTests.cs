using SessionManager.Client;
using SessionManager.Console.Audit;

namespace SessionManager.Tests.Audit;

public class AuditCsvTests
{
    static string Row(string? detail) => AuditCsv.Of([new AuditEntry(
        new DateTimeOffset(2026, 11, 26, 14, 0, 0, TimeSpan.FromHours(2)), "usr_a", null, "user.change", "usr_b", detail, "127.0.0.1", "r1")]).Split("\r\n", 2)[1];

    [Fact]
    public void Times_are_utc_and_rows_end_as_the_standard_says() =>
        Assert.Equal("2026-11-26T12:00:00.000Z,usr_a,,user.change,usr_b,plain,127.0.0.1,r1\r\n", Row("plain"));

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    public void What_a_spreadsheet_would_compute_is_text(string detail, string cell) => Assert.Contains($",{cell},", Row(detail), StringComparison.Ordinal);

    [Fact]
    public void Commas_quotes_and_lines_stay_in_their_cell() =>
        Assert.Contains(",\"a, \"\"b\"\"\nc\",", Row("a, \"b\"\nc"), StringComparison.Ordinal);
}
