using SessionManager.Console.Sessions;

namespace SessionManager.Tests.Sessions;

public class TimelineScaleTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    [Fact]
    public void Instants_are_where_they_are_to_scale()
    {
        var scale = TimelineScale.Of([At(0), At(25), At(100)], (_, _) => true);
        Assert.Equal([0, 0.25, 0.5, 1], Array.ConvertAll<double, double>([0, 25, 50, 100], seconds => Math.Round(scale.At(At(seconds)), 6)));
        Assert.Empty(scale.Folds);
    }

    [Fact]
    public void A_long_stretch_without_anything_is_folded_and_keeps_its_length()
    {
        var scale = TimelineScale.Of([At(0), At(60), At(3_660), At(3_720)], (from, _) => from != At(60));
        var fold = Assert.Single(scale.Folds);
        Assert.Equal(TimeSpan.FromHours(1), fold.Length);
        Assert.True(fold.To - fold.From < 0.1);
        Assert.Equal(scale.At(At(60)) - scale.At(At(0)), scale.At(At(3_720)) - scale.At(At(3_660)), 6);
        Assert.Equal(1, scale.At(At(3_720)), 6);
    }

    [Fact]
    public void A_long_stretch_in_which_something_ran_is_not_folded() =>
        Assert.Empty(TimelineScale.Of([At(0), At(60), At(3_660), At(3_720)], (_, _) => true).Folds);

    [Fact]
    public void Where_nothing_would_be_left_to_scale_nothing_is_folded()
    {
        var scale = TimelineScale.Of([At(0), At(3_600)], (_, _) => false);
        Assert.Empty(scale.Folds);
        Assert.Equal(0.5, scale.At(At(1_800)), 6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_single_instant_or_none_has_a_place(int count)
    {
        var scale = TimelineScale.Of(Enumerable.Range(0, count).Select(_ => Start), (_, _) => false);
        Assert.Equal(0, scale.At(Start));
    }

    [Fact]
    public void What_lies_outside_is_at_the_nearer_end()
    {
        var scale = TimelineScale.Of([At(0), At(10)], (_, _) => true);
        Assert.Equal((0, 1), (scale.At(At(-5)), scale.At(At(50))));
    }
}
