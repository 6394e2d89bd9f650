namespace SessionManager.Console.Sessions;

/// <summary>Where a bar's label stands.</summary>
public enum LabelPlace { After, Before, Inside }

/// <summary>Where in the picture words have room; also on a phone, where it is 260 pixels wide.</summary>
static class TimelineLabels
{
    /// <summary>The longest label on a phone, as a share of the picture.</summary>
    const double Enough = 0.4;

    /// <summary>Half of what is written under a fold.</summary>
    const double Half = 0.12;

    /// <param name="from">Where the bar begins, 0 to 1.</param>
    /// <param name="to">Where it ends, the same.</param>
    public static LabelPlace Of(double from, double to)
    {
        var (before, inside, after) = (from, to - from, 1 - to);
        if (after >= Enough)
            return LabelPlace.After;
        if (before >= Enough)
            return LabelPlace.Before;
        return inside >= before && inside >= after ? LabelPlace.Inside : after >= before ? LabelPlace.After : LabelPlace.Before;
    }

    /// <summary>Under its middle, but at the picture's ends no further out than they are.</summary>
    public static (double Place, string Anchor) Under(Fold fold)
    {
        var middle = (fold.From + fold.To) / 2;
        return middle < Half ? (fold.From, "start") : middle > 1 - Half ? (fold.To, "end") : (middle, "middle");
    }
}
