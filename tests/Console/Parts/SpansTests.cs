using SessionManager.Console.Parts;

namespace SessionManager.Tests.Parts;

public class SpansTests
{
    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(0.25, "250 ms")]
    [InlineData(4, "4 s")]
    [InlineData(90, "1 min 30 s")]
    [InlineData(1_500, "25 min")]
    [InlineData(7_800, "2 h 10 min")]
    [InlineData(86_400, "1 d")]
    [InlineData(300_000, "3 d 11 h")]
    public void Lengths_are_told_in_their_two_largest_units(double seconds, string text) => Assert.Equal(text, Spans.Text(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(3, 4)]
    [InlineData(7, 10)]
    [InlineData(23, 40)]
    [InlineData(0.3, 0.4)]
    public void An_axis_ends_at_a_round_number(double value, double top) => Assert.Equal(top, Scales.Above(value), 9);
}
