namespace SessionManager.Api.Broadcasts;

/// <summary>Whether a text can be what it is said to be; its contents are the node's to judge.</summary>
static class SdpText
{
    /// <summary>A WebRTC offer (RFC 8866, RFC 8829): a session with media, ICE and DTLS, and not one that answers.</summary>
    public static bool IsOffer(string text)
    {
        var (media, ufrag, fingerprint, answers) = (false, false, false, false);
        if (!text.StartsWith("v=0\r", StringComparison.Ordinal) && !text.StartsWith("v=0\n", StringComparison.Ordinal))
            return false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            media |= line.StartsWith("m=");
            ufrag |= line.StartsWith("a=ice-ufrag:");
            fingerprint |= line.StartsWith("a=fingerprint:");
            answers |= line.StartsWith("a=setup:") && !line.StartsWith("a=setup:actpass");
        }

        return media && ufrag && fingerprint && !answers;
    }

    /// <summary>A fragment (RFC 8840): lines of SDP, with what says which ICE session they are of or a candidate.</summary>
    public static bool IsFragment(string text)
    {
        var found = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!line.IsEmpty && (line.Length < 2 || line[1] != '='))
                return false;
            found |= line.StartsWith("a=ice-ufrag:") || line.StartsWith("a=candidate:") || line.StartsWith("a=end-of-candidates");
        }

        return found;
    }
}
