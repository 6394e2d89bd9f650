using System.Text;

namespace SessionManager.Secrets;

/// <summary>Files with secrets: readable by their owner only (mode 0600), and whole or not there at all.</summary>
public static class PrivateFile
{
    /// <param name="replace">False: a file that is there already stays, whoever wrote it.</param>
    public static void Write(string path, string text, bool replace)
    {
        var draft = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(draft);
        using (var file = new FileStream(draft, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, path, replace);
        }
        catch (IOException) when (!replace && File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
