using SessionManager.Console.Sessions;

namespace SessionManager.Tests.Sessions;

public class TimelineLabelsTests
{
    [Theory]
    [InlineData(0, 0.3, LabelPlace.After)]
    [InlineData(0.5, 0.6, LabelPlace.After)]
    [InlineData(0.55, 0.65, LabelPlace.Before)]
    [InlineData(0.52, 1, LabelPlace.Before)]
    [InlineData(0, 1, LabelPlace.Inside)]
    [InlineData(0.1, 0.65, LabelPlace.Inside)]
    [InlineData(0.33, 0.64, LabelPlace.After)]
    [InlineData(0.39, 0.65, LabelPlace.Before)]
    public void A_bars_label_stands_after_it_else_before_it_else_where_most_room_is(double from, double to, LabelPlace place) =>
        Assert.Equal(place, TimelineLabels.Of(from, to));

    [Theory]
    [InlineData(0, 0.08, 0, "start")]
    [InlineData(0.4, 0.48, 0.44, "middle")]
    [InlineData(0.92, 1, 1, "end")]
    public void What_is_said_under_a_fold_stays_in_the_picture(double from, double to, double place, string anchor)
    {
        var under = TimelineLabels.Under(new Fold(from, to, TimeSpan.FromMinutes(24)));
        Assert.Equal(place, under.Place, 6);
        Assert.Equal(anchor, under.Anchor);
    }
}
