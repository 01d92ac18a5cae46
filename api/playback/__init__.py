"""What a browser plays and draws: the proxy video, waveform peaks, thumbnails, the original."""
